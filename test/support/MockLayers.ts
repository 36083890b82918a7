import { Effect, Layer, Logger } from "effect"
import { AdmissionSlots } from "../../src/http/AdmissionSlots.ts"
import { Drain } from "../../src/http/Drain.ts"
import type { DependencyDown } from "../../src/domain/Dependency.ts"
import { Database } from "../../src/layers/Database.ts"
import { IdentityProvider } from "../../src/layers/IdentityProvider.ts"
import { jsonLine } from "../../src/layers/Logger.ts"
import { LogWriter } from "../../src/layers/LogWriter.ts"
import { Redis } from "../../src/layers/Redis.ts"

/** @param outcome of each probe */
export const mockDatabase = (outcome: Effect.Effect<void, DependencyDown> = Effect.void) =>
  Layer.succeed(Database, {
    probe: outcome,
    figures: Effect.succeed({ max: 0, total: 0, active: 0, idle: 0, waiting: 0 })
  })

/** @param outcome of each probe */
export const mockRedis = (outcome: Effect.Effect<void, DependencyDown> = Effect.void) =>
  Layer.succeed(Redis, { probe: outcome, admissions: undefined })

/** No identity provider is configured. */
export const noIdentityProvider = Layer.succeed(IdentityProvider, { tokens: undefined })

/** Passes each line of the access log to `write`. */
export const capturedLines = (write: (line: string) => void) => Layer.succeed(LogWriter, { write, hasColors: false })

/** Passes each line of the logger to `write`. */
export const capturedLogger = (write: (line: string) => void) =>
  Logger.layer([Logger.make((entry) => write(jsonLine(entry)))])

/** A drain and admission slots that do nothing, for routes without a server. */
export const noServer = Layer.merge(
  Layer.succeed(Drain, { begin: Effect.void, finish: Effect.void, onTimeout: () => {}, drained: Effect.succeed(0) }),
  Layer.succeed(AdmissionSlots, { release: () => {} })
)
