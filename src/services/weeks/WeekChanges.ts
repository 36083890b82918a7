import { Context, Effect, Layer } from "effect"
import type { Pending } from "../../domain/weeks/Pending.ts"
import { weekOf } from "../../domain/weeks/Week.ts"

/** A share that was counted or removed: its address, and its time in microseconds since 1970. */
export interface WeekChange {
  readonly addressId: number
  readonly at: number
}

const day = 86_400_000_000

/** Moves changes to the weeks that they belong to. */
const moveChanges = (changes: Array<WeekChange>, pending: Pending<number>): void => {
  for (const [days, group] of Map.groupBy(changes.splice(0), ({ at }) => Math.floor(at / day))) {
    pending.add(
      weekOf((days * day) / 1000),
      group.map(({ addressId }) => addressId)
    )
  }
}

/** Addresses whose shares were changed by commits of this process, and whose weeks are not folded yet. */
export class WeekChanges extends Context.Service<
  WeekChanges,
  {
    /** Records changes of the transaction in progress. */
    readonly record: (changes: ReadonlyArray<WeekChange>) => Effect.Effect<void>
    /** Makes the recorded changes available after the transaction, even if it failed, because it may have committed. */
    readonly publish: Effect.Effect<void>
    /** Moves all published changes to `pending`. */
    readonly take: (pending: Pending<number>) => Effect.Effect<void>
  }
>()("tbg-api/services/weeks/WeekChanges") {
  static readonly layer = Layer.sync(WeekChanges, () => {
    const uncommitted: Array<WeekChange> = []
    const published: Array<WeekChange> = []
    return {
      record: (changes) =>
        Effect.sync(() => {
          for (const { addressId, at } of changes) uncommitted.push({ addressId, at })
        }),
      publish: Effect.sync(() => {
        for (const change of uncommitted.splice(0)) published.push(change)
      }),
      take: (pending) => Effect.sync(() => moveChanges(published, pending))
    }
  })
}
