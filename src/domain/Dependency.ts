import { Context, Schema } from "effect"

/**
 * Why a dependency does not serve us; the only words about it that leave the process (contract section 2).
 *
 * - `unreachable`: no connection
 * - `denied`: the server does not accept our credentials
 * - `missing`: there is no such database
 * - `read_only`: the last write failed because the server takes none
 * - `full`: the last write failed because the server has no room for it
 * - `timeout`: no answer within the deadline
 * - `failed`: anything else
 */
export const Fault = Schema.Literals(["unreachable", "denied", "missing", "read_only", "full", "timeout", "failed"])
export type Fault = typeof Fault.Type

/** Whether a server still answers reads under this fault. */
export const isWriteFault: (fault: Fault) => boolean = Schema.is(Schema.Literals(["read_only", "full"]))

/**
 * A dependency did not answer a probe. `fault` may be shown to anyone, and is never the driver's text, an address or a
 * role. `detail` is for operators, where the fault alone does not tell them what to change.
 */
export class DependencyDown extends Schema.TaggedError<DependencyDown>()("DependencyDown", {
  fault: Fault,
  detail: Schema.optional(Schema.Struct({ problem: Schema.String, fix: Schema.String }))
}) {}

/** Whether a statement is a short read, which may share its session with others like it. */
export const IsShortRead = Context.Reference("tbg-api/domain/IsShortRead", { defaultValue: () => false })
