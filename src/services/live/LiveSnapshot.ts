import { Clock, Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { addressOf, minerTopic } from "../../domain/live/Topic.ts"
import type { MinerTopic, Topic } from "../../domain/live/Topic.ts"
import { MinerNotFound } from "../../domain/mining/Miner.ts"
import { Accounts } from "../auth/Accounts.ts"
import { MinerVisibility, Viewer } from "../mining/MinerVisibility.ts"
import { freshnessOf, MiningStatus } from "../mining/MiningStatus.ts"
import { reads } from "../Reads.ts"
import { liveCursors } from "./LiveCursors.ts"
import { topicStates } from "./TopicStates.ts"
import type { StateReading } from "./TopicStates.ts"

type States = Effect.Success<typeof topicStates>
type MinerState = Effect.Success<ReturnType<States["minerWithWorkers"]>>

/** States by topic. */
export interface LiveState {
  readonly pool?: Effect.Success<ReturnType<Effect.Success<States["pool"]>>>
  readonly network?: Effect.Success<States["network"]>
  readonly blocks?: Effect.Success<ReturnType<States["blocks"]>>
  readonly board?: ReturnType<Effect.Success<States["boards"]>>
  readonly me?: { readonly miners: ReadonlyArray<MinerState> }
  readonly [topic: MinerTopic]: MinerState
}

export interface Snapshot {
  readonly state: LiveState
  /** Continues a stream from this state. */
  readonly cursor: string
}

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long } = yield* reads
  const { addressesOf } = yield* Accounts
  const { hiddenOf } = yield* MinerVisibility
  const { position } = yield* MiningStatus
  const cursors = yield* liveCursors
  const states = yield* topicStates

  const miner = Effect.fnUntraced(function* (address: string, reading: StateReading) {
    if ((yield* hiddenOf([address])).size > 0) return yield* new MinerNotFound({ address })
    return { [minerTopic(address)]: yield* states.minerWithWorkers(address, reading) }
  })

  /** The caller's miners, without addresses that have not sent a share. */
  const ownMiners = Effect.fnUntraced(function* (reading: StateReading) {
    const account = yield* Viewer
    const addresses = account === undefined ? [] : yield* addressesOf(account)
    const miners = yield* Effect.forEach(addresses, (address) =>
      states.minerWithWorkers(address, reading).pipe(
        Effect.map((state) => [state]),
        Effect.catchTag("MinerNotFound", () => Effect.succeed([]))
      )
    )
    return { miners: miners.flat() }
  })

  /** Reads the part of a topic that is kept in memory, and returns a function that reads the rest in the transaction. */
  const prepare = (topic: Topic): Effect.Effect<(reading: StateReading) => Effect.Effect<LiveState, MinerNotFound>> => {
    switch (topic) {
      case "pool":
        return Effect.map(states.pool, (read) => (reading) => Effect.map(read(reading), (pool) => ({ pool })))
      case "board":
        return Effect.map(states.boards, (read) => (reading) => Effect.succeed({ board: read(reading) }))
      case "network":
        return Effect.succeed(() => Effect.map(states.network, (network) => ({ network })))
      case "blocks":
        return Effect.succeed((reading) => Effect.map(states.blocks(reading), (blocks) => ({ blocks })))
      case "me":
        return Effect.succeed((reading) => Effect.map(ownMiners(reading), (me) => ({ me })))
      default:
        return Effect.succeed((reading) => miner(addressOf(topic) ?? "", reading))
    }
  }

  const read = Effect.fn("LiveSnapshot.read")(function* (topics: ReadonlyArray<Topic>) {
    const prepared = yield* Effect.forEach(topics, prepare)
    const all = Effect.gen(function* () {
      const found = yield* Effect.orDie(position)
      const now = yield* Clock.currentTimeMillis
      const reading = { now, freshness: freshnessOf(found, now) }
      const state: LiveState = {}
      for (const readState of prepared) Object.assign(state, yield* readState(reading))
      return { state, cursor: cursors.encode({ n: Number(found.outbox), s: 0 }) }
    })
    // One snapshot of the database makes the state complete up to the event that the cursor names.
    const outcome = yield* sql
      .withTransaction(Effect.result(all))
      .pipe(
        Effect.provideService(SqlClient.BeginTransaction, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        long,
        Effect.orDie
      )
    return yield* Effect.fromResult(outcome)
  })

  return { read }
})

/** State of topics together with the cursor that continues from it (contract-game section 5). */
export class LiveSnapshot extends Context.Service<
  LiveSnapshot,
  {
    /** Reads topics as the `Viewer` sees them. `MinerNotFound` also for a miner that is hidden from the viewer. */
    readonly read: (topics: ReadonlyArray<Topic>) => Effect.Effect<Snapshot, MinerNotFound>
  }
>()("tbg-api/services/live/LiveSnapshot") {
  static readonly layer = Layer.effect(LiveSnapshot, make)
}
