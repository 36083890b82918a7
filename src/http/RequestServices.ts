import { Clock, Context, Logger, References, Scope, Tracer } from "effect"
import { HttpMiddleware, HttpServerRequest } from "effect/http"

/**
 * Services that requests inherit from the process; handlers get all others from their layers. Each time Effect provides
 * a service to a request, it copies the inherited ones. Copying all 40 services of the process would take 15 % of the
 * CPU time of /health and /version.
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
