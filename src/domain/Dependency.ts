import { Context, Schema } from "effect"

/**
 * Why a dependency does not serve us; the only words about it that leave the process (contract section 2).
 *
 * - `unreachable`: no connection
 * - `refused`: the server does not take our credentials
 * - `timeout`: no answer within the deadline
 * - `failed`: anything else
 */
export const Fault = Schema.Literals(["unreachable", "refused", "timeout", "failed"])
export type Fault = typeof Fault.Type

/** A dependency did not answer a probe. Carries a word of ours, never the driver's text, an address or a role. */
export class DependencyDown extends Schema.TaggedError<DependencyDown>()("DependencyDown", { fault: Fault }) {}

/** Whether a statement is a short read, which may share its session with others like it. */
export const IsShortRead = Context.Reference("tbg-api/domain/IsShortRead", { defaultValue: () => false })
