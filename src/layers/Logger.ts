import { Effect, Layer, Logger, References } from "effect"
import { AppConfig } from "./AppConfig.ts"
import { LogWriter } from "./LogWriter.ts"
import { consoleLine, jsonLine } from "./logger/LogLine.ts"

/** Logger configured by `TBG_LOG_FORMAT` and `TBG_LOG_LEVEL`. */
export const layer = Layer.unwrap(
  Effect.gen(function* () {
    const { log } = yield* AppConfig
    const { hasColors, write } = yield* LogWriter
    const format = log.format === "json" ? jsonLine : consoleLine(hasColors)
    return Layer.mergeAll(
      Logger.layer([Logger.make((entry) => write(format(entry)))]),
      Layer.succeed(References.MinimumLogLevel, log.level)
    )
  })
)

/** Passes each line to `write`, for tests. */
export const layerTest = (write: (line: string) => void) =>
  Logger.layer([Logger.make((entry) => write(jsonLine(entry)))])
