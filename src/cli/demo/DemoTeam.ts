import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Caller } from "../../domain/ApiKey.ts"
import { ApiKeys } from "../../services/ApiKeys.ts"
import { Posts } from "../../services/Posts.ts"
import { Teams } from "../../services/Teams.ts"
import { insertPosts } from "./DemoPosts.ts"

export const demoTeamName = "demo"

/** Returns the demo team, and creates it if it does not exist. */
export const demoTeam = Effect.gen(function* () {
  const { create, find } = yield* Teams
  const { id, name } = yield* find(demoTeamName).pipe(
    Effect.catchTag("TeamNotFound", () => create(demoTeamName)),
    // Another process created the team in between.
    Effect.catchTag("TeamNameTaken", () => Effect.orDie(find(demoTeamName)))
  )
  return { id, name } satisfies Caller["team"]
})

/** Advisory lock: "tbg" in ASCII, then 3. The locks of migrations end with 1 and 2. */
const demoLock = 0x74_62_67_03

/** Runs an effect in a transaction, one at a time among all processes. */
const inExclusiveTransaction = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(Effect.andThen(sql`SELECT pg_advisory_xact_lock(${demoLock})`, effect))
  ).pipe(Effect.catchTag("SqlError", Effect.die))

/** Revokes the keys with this label and creates one, because an existing key cannot be shown again. */
const replaceKeyInTransaction = Effect.fnUntraced(function* (team: Caller["team"], label: string) {
  const { create, list, revoke } = yield* ApiKeys
  const previous = (yield* list(team.id)).filter((key) => key.label === label && key.revokedAt === null)
  yield* Effect.forEach(previous, ({ id }) => Effect.ignore(revoke(id)), { discard: true })
  return yield* create(team, { label, expiresAt: null })
})

export const replaceKey = (team: Caller["team"], label: string) =>
  inExclusiveTransaction(replaceKeyInTransaction(team, label))

/** Number of demo posts; enough for replies and a second page. */
const initialPosts = 24

/** Creates the demo team, its posts if it has none, and a new key, which is returned. */
export const demoKey = Effect.gen(function* () {
  const team = yield* demoTeam
  const { list } = yield* Posts
  return yield* inExclusiveTransaction(
    Effect.gen(function* () {
      // The key comes first, because inserting posts switches the transaction to the role of the team.
      const { token } = yield* replaceKeyInTransaction(team, "tbg serve --demo")
      const { total } = yield* list(team.id, { limit: 1, offset: 0 })
      if (total === 0) yield* insertPosts(team.id, initialPosts)
      return token
    })
  )
})
