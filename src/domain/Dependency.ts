import { Context, Schema } from "effect"

/**
 * Why a dependency does not serve us; the only words about it that leave the process (contract section 2).
 *
 * - `unreachable`: no connection
 * - `denied`: the server does not accept our credentials
 * - `missing`: there is no such database
 * - `read_only`: the last write failed because the server is read-only
 * - `full`: the last write failed because the server is out of space
 * - `timeout`: no answer within the deadline
 * - `failed`: anything else
 */
export const Fault = Schema.Literals(["unreachable", "denied", "missing", "read_only", "full", "timeout", "failed"])
export type Fault = typeof Fault.Type

/** Whether the server still serves reads under this fault. */
export const isWriteFault: (fault: Fault) => boolean = Schema.is(Schema.Literals(["read_only", "full"]))

/**
 * Failed probe of a dependency. `fault` is public: never the driver's text, an address or a role. `detail` is for
 * operators, if the fault alone does not show what to change.
 */
export class DependencyDown extends Schema.TaggedError<DependencyDown>()("DependencyDown", {
  fault: Fault,
  detail: Schema.optional(Schema.Struct({ problem: Schema.String, fix: Schema.String }))
}) {}

/** Whether a statement is a short read, which may share a session with other short reads. */
export const IsShortRead = Context.Reference("tbg-api/domain/IsShortRead", { defaultValue: () => false })
