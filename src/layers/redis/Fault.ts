import { DependencyDown } from "../../domain/Dependency.ts"
import type { Fault } from "../../domain/Dependency.ts"
import { driverFaults } from "./IoredisMessages.ts"

/** Replies of a server that accepts no writes, most often a replica after a failover. */
const wrongServer = /\b(READONLY|MASTERDOWN)\b/

/** Codes of replies and system errors, before messages of the driver. */
const faults: ReadonlyArray<readonly [RegExp, Fault]> = [
  [/\b(WRONGPASS|NOAUTH|NOPERM)\b|invalid (password|username)/, "denied"],
  [wrongServer, "read_only"],
  [/\b(MISCONF|NOREPLICAS)\b/, "read_only"],
  [/\bOOM\b/, "full"],
  [/ETIMEDOUT/, "timeout"],
  [/\b(LOADING|CLUSTERDOWN)\b/, "unreachable"],
  [/ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPIPE/, "unreachable"],
  ...driverFaults
]

const textOf = (error: unknown): string => {
  if (!(error instanceof Error)) return ""
  const code = "code" in error ? String(error.code) : ""
  // A Cluster wraps the error of its last node.
  const lastNode = "lastNodeError" in error ? textOf(error.lastNodeError) : ""
  return `${code} ${error.message} ${lastNode}`
}

/** Public fault of a Redis failure (contract section 2). */
export const faultOfRedisError = (error: unknown): Fault => {
  const text = textOf(error)
  return faults.find(([pattern]) => pattern.test(text))?.[1] ?? "failed"
}

export const redisDown = (error: unknown): DependencyDown => new DependencyDown({ fault: faultOfRedisError(error) })

/** Whether a new connection may reach another server under the same name. */
export const isFromWrongServer = (error: Error): boolean => wrongServer.test(error.message)
