import type { Fault } from "../../domain/Dependency.ts"

/** Messages of ioredis 6 for failures that have no code. */
export const driverFaults: ReadonlyArray<readonly [RegExp, Fault]> = [
  [/command timed out|socket timeout/i, "timeout"],
  [/isn't writeable|connection is closed|connection close|max retries|refresh slots/i, "unreachable"]
]
