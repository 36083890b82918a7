import { Predicate } from "effect"
import type { Fault } from "./Dependency.ts"

/** Fault of each server condition, by SQLSTATE or by class (its first two characters). */
const conditions: Readonly<Record<string, Fault>> = {
  "08": "unreachable", // connection exception
  "25006": "read_only", // read-only transaction: a replica, or a database made read-only
  "25P03": "unreachable", // session ended: idle in a transaction for too long
  "25P04": "timeout", // transaction took too long
  "28": "denied", // no such role, wrong password, or no entry in pg_hba.conf
  "3D000": "missing", // no such database
  "40": "failed", // transaction rolled back: serialization failure, deadlock
  "53": "failed", // insufficient resources, such as memory
  "53100": "full", // disk full
  "53300": "unreachable", // too many connections
  "55P03": "timeout", // lock not available
  "57": "unreachable", // an operator or the server itself ended the session
  "57014": "timeout", // statement canceled, by its timeout as a rule
  "57P04": "missing", // database dropped
  "58": "failed" // error of the server's operating system
}

interface Reason {
  readonly _tag: string
  readonly cause: unknown
  readonly operation?: string | undefined
}

export const sqlStateOf = (cause: unknown): string => (Predicate.hasProperty(cause, "code") ? String(cause.code) : "")

/** Fault of a failure that describes the server; `undefined` if it describes the statement. */
export const conditionOf = ({ _tag, cause, operation }: Reason): Fault | undefined => {
  const code = sqlStateOf(cause)
  const condition = conditions[code] ?? conditions[code.slice(0, 2)]
  if (condition !== undefined) return condition
  if (_tag === "ConnectionError") return operation === "acquire" ? "timeout" : "unreachable"
  // Missing right to connect to this database.
  if (_tag === "AuthenticationError" || (_tag === "AuthorizationError" && operation === "connect")) return "denied"
  return undefined
}

/** Faults that last until the server, its address or our credentials change. */
const outages = new Set<Fault | undefined>(["unreachable", "denied", "missing", "read_only", "full"])

export const isOutage = (reason: Reason): boolean => outages.has(conditionOf(reason))

/** Whether a table or its schema is missing, because its migration has not run. */
export const isMissingTable = ({ cause }: Reason): boolean => /^(?:42P01|3F000)$/.test(sqlStateOf(cause))
