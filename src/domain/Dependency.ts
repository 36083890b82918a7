import { Context, Schema } from "effect"

/** Public fault of a dependency; nothing else about it leaves the process (contract section 2). */
export const Fault = Schema.Literals([
  "unreachable", // no connection
  "denied", // the server rejected our credentials
  "missing", // the database does not exist
  "read_only", // the last write failed because the server is read-only
  "full", // the last write failed because the server is out of space
  "timeout", // no answer within the deadline
  "failed" // anything else
])
export type Fault = typeof Fault.Type

/** Whether the server still serves reads. */
export const isWriteFault: (fault: Fault) => boolean = Schema.is(Schema.Literals(["read_only", "full"]))

/** Failure of a dependency. `detail` is for operators, if the public `fault` does not show what to fix. */
export class DependencyDown extends Schema.TaggedError<DependencyDown>()("DependencyDown", {
  fault: Fault,
  detail: Schema.optional(Schema.Struct({ problem: Schema.String, fix: Schema.String }))
}) {}

/** Whether a statement may share a session with other short reads. */
export const IsShortRead = Context.Reference("tbg-api/domain/IsShortRead", { defaultValue: () => false })
