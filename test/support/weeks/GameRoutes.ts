import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { miningRoutes, now } from "../mining/MiningRoutes.ts"
import { generatorOf } from "../mining/SimulatedMiner.ts"
import { storeShares } from "../mining/StoredShares.ts"
import type { StoredShare } from "../mining/StoredShares.ts"
import { newPlayer } from "../PlayerDatabase.ts"
import { day } from "./ExpectedBoards.ts"
import type { Player } from "./ExpectedBoards.ts"
import { foldWeeks } from "./FoldWeeks.ts"

/** Monday of the week that contains `now`, in milliseconds. */
export const thisWeek = now - (now % day) - 2 * day
export const lastWeek = thisWeek - 7 * day

export const miners = Array.from({ length: 16 }, (_, index) => newPlayer(`weekly${index}`).address)
const [a = "", b = "", c = "", d = "", e = ""] = miners

/** Players of some of the miners, one of whom hides. */
export const [ada, bela, cy] = [
  { addresses: [a, b], name: "Ada", isPublic: true },
  { addresses: [c], name: "Bela", isPublic: false },
  { addresses: [d, e], name: null, isPublic: true }
] as const satisfies ReadonlyArray<Player>
export const players: ReadonlyArray<Player> = [ada, bela, cy]

/** Shares of two weeks until now. Some miners are new today, some are idle today, and some are equal. */
export const gameShares = (seed: number): ReadonlyArray<StoredShare> => {
  const random = generatorOf(seed)
  const honest = miners.slice(0, 10).flatMap((address, index) => {
    const [since, until] = [index === 5 ? now - (now % day) : lastWeek, index === 6 ? thisWeek + day : now]
    return Array.from({ length: 700 }, () => {
      const difficulty = 2 ** Math.floor(random() * 6)
      // One share in 50 is below its assigned difficulty.
      const reached = difficulty / (random() < 0.02 ? 1.25 : random())
      const at = Math.floor(since + random() * (until - since))
      return { address, worker: random() < 0.5 ? "rig1" : "rig2", difficulty, reached, at }
    })
  })
  const equal = miners.slice(10).map((address, index) => ({
    address,
    worker: "solo",
    difficulty: 64,
    reached: 500,
    at: thisWeek + day + (index < 4 ? 0 : 1000)
  }))
  return [...honest, ...equal]
}

const pageOf = Schema.decodeUnknownEffect(
  Schema.Struct({ entries: Schema.Array(Schema.Unknown), next_cursor: Schema.NullOr(Schema.String) })
)

/** Routes over these shares, folded, with last week closed; and headers of each player. */
export const gameRoutes = Effect.fnUntraced(function* (options: Parameters<typeof miningRoutes>[0] = {}) {
  const made = yield* miningRoutes(options)
  const shares = gameShares(35)
  const run = (statement: string) =>
    Effect.provide(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)),
      made.client
    )
  yield* Effect.provide(storeShares(shares), made.client)
  // The age of the data is by the database's clock, on which the leader must seem alive.
  yield* run("UPDATE tbg_api.mining_state SET polled_at = now() + interval '1 day'")
  const signInAs = Effect.fnUntraced(function* ({ addresses: [first = "", ...others], isPublic, name }: Player) {
    const headers = yield* made.signIn(first, ...others)
    yield* made.ask("/api/v1/users/me", {
      method: "PATCH",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ display_name: name, is_public: isPublic })
    })
    return headers
  })
  const sessions = { ada: yield* signInAs(ada), bela: yield* signInAs(bela), cy: yield* signInAs(cy) }
  const fold = Effect.andThen(Effect.provide(foldWeeks, made.client), made.boards.refresh)
  yield* fold

  /** All entries of a board, page by page. */
  const entriesOf = Effect.fnUntraced(function* (query: string, headers: Readonly<Record<string, string>> = {}) {
    const entries: Array<unknown> = []
    let cursor = ""
    while (true) {
      const page = yield* Effect.flatMap(made.read(`/api/v1/leaderboard?${query}${cursor}`, headers), pageOf)
      entries.push(...page.entries)
      if (page.next_cursor === null) return entries
      cursor = `&cursor=${page.next_cursor}`
    }
  })
  return { ...made, shares, run, fold, sessions, entriesOf }
})
