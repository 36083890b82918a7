import { Clock, Context, Logger, References, Scope, Tracer } from "effect"
import { HttpMiddleware, HttpServerRequest } from "effect/http"

/**
 * Services that requests inherit from the process; handlers get all others from their layers. Effect copies what a
 * request inherits each time it provides a service to it. The 40 services of the process would take 15 % of the CPU time
 * of /health and /version.
 */
export const requestServices = Context.pick(
  Scope.Scope,
  Logger.CurrentLoggers,
  References.MinimumLogLevel,
  References.TracerEnabled,
  Tracer.Tracer,
  Clock.Clock,
  HttpServerRequest.MaxBodySize,
  HttpMiddleware.TracerDisabledWhen
)
