import { Effect, Logger } from "effect"

/** A logger that stores its entries for a test. */
export const capturedLogs = Effect.sync(() => {
  const entries: Array<{ readonly level: string; readonly message: string }> = []
  const logger = Logger.make(({ logLevel, message }) => {
    entries.push({ level: logLevel, message: [message].flat().join(" ") })
  })
  const warnings = () => entries.filter(({ level }) => level === "Warn").map(({ message }) => message)
  return { layer: Logger.layer([logger]), entries, warnings }
})
