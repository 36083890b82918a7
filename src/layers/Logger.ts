import { Effect, Layer, Logger, References } from "effect"
import { AppConfig } from "./AppConfig.ts"
import { LogWriter } from "./LogWriter.ts"
import { consoleLine, jsonLine } from "./logger/LogLine.ts"

/** Logs as `TBG_LOG_FORMAT` and `TBG_LOG_LEVEL` say. */
export const layer = Layer.unwrap(
  Effect.gen(function* () {
    const { log } = yield* AppConfig
    const { coloured, write } = yield* LogWriter
    const format = log.format === "json" ? jsonLine : consoleLine(coloured)
    return Layer.mergeAll(
      Logger.layer([Logger.make((entry) => write(format(entry)))]),
      Layer.succeed(References.MinimumLogLevel, log.level)
    )
  })
)

/** Hands each entry's line to `write`, for tests. */
export const layerTest = (write: (line: string) => void) =>
  Logger.layer([Logger.make((entry) => write(jsonLine(entry)))])
