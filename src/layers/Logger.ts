import { Effect, Layer, Logger, References } from "effect"
import { AppConfig } from "./AppConfig.ts"
import { makeLineWriter } from "./logger/LineWriter.ts"
import { consoleLine, jsonLine } from "./logger/LogLine.ts"

const stdout = 1

/** Logs to stdout, as `TBG_LOG_FORMAT` and `TBG_LOG_LEVEL` say; in batches, none of it on the caller's path. */
export const layer = Layer.unwrap(
  Effect.map(AppConfig, ({ log }) => {
    const format = log.format === "json" ? jsonLine : consoleLine(process.stdout.isTTY && process.stdout.hasColors())
    const logger = Effect.map(makeLineWriter(stdout), (write) => Logger.make((entry) => write(format(entry))))
    return Layer.mergeAll(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, log.level))
  })
)

/** Hands each entry's fields to `append`, for tests. */
export const layerTest = (append: (line: string) => void) =>
  Logger.layer([Logger.make((entry) => append(jsonLine(entry)))])
