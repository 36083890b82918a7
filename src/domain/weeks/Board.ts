import { Schema } from "effect"

/**
 * `difficulty`: best share; `work`: sum of assigned difficulties; `luck`: probability that an honest miner's best share is
 * at most this good. Digests of final weeks depend on this order.
 */
export const Board = Schema.Literals(["difficulty", "work", "luck"])
export type Board = typeof Board.Type

export const WeekStatus = Schema.Literals(["open", "final"])
export type WeekStatus = typeof WeekStatus.Type

/** No share was counted in the week, or it has not begun. */
export class WeekUnknown extends Schema.TaggedError<WeekUnknown>()("WeekUnknown", { week: Schema.String }) {}

/** The address has no entry on the board. */
export class NotOnBoard extends Schema.TaggedError<NotOnBoard>()("NotOnBoard", {
  address: Schema.String,
  board: Board
}) {}
