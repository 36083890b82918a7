import { Console, DateTime, Effect, Schema } from "effect"
import { Command } from "effect/cli"
import { SqlClient } from "effect/sql"
import type { TeamId } from "../domain/Team.ts"
import { AppConfig } from "../layers/AppConfig.ts"
import { Challenges } from "../services/auth/Challenges.ts"
import { Sessions } from "../services/auth/Sessions.ts"
import { Idempotency } from "../services/Idempotency.ts"
import { LiveTickets } from "../services/live/LiveTickets.ts"
import { Posts } from "../services/Posts.ts"
import { inTeam } from "../services/InTeam.ts"
import { Teams } from "../services/Teams.ts"
import { withProgress } from "./Progress.ts"
import { json } from "./CommandParts.ts"
import { onPlayers } from "./OnDatabase.ts"

/** Rows per transaction, few enough not to block other transactions. */
const batchSize = 2000

/** Time before any post, for `TBG_RETENTION_DAYS=0`, which keeps all posts. */
const never = "-infinity"

const decodeDue = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ due: Schema.Int })]))

/** Counts the rows to remove from a team. */
const countDue = Effect.fnUntraced(function* (team: TeamId, before: string, now: string) {
  const sql = yield* SqlClient.SqlClient
  const [{ due }] = yield* sql`
    SELECT ((SELECT count(*) FROM tbg_api.posts WHERE team_id = ${team} AND deleted_at < ${before})
      + (SELECT count(*) FROM tbg_api.idempotency_keys WHERE team_id = ${team} AND expires_at <= ${now}))::int AS due`.pipe(
    inTeam(team),
    Effect.flatMap(decodeDue)
  )
  return due
}, Effect.orDie)

/** Number of challenges, sessions and live tickets to remove. */
const countExpired = Effect.fnUntraced(function* (now: string) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    SELECT ((SELECT count(*) FROM tbg_api.signin_challenges WHERE expires_at <= ${now})
      + (SELECT count(*) FROM tbg_api.live_tickets WHERE expires_at <= ${now})
      + (SELECT count(*) FROM tbg_api.sessions WHERE expires_at <= ${now}))::int AS due`
  const [{ due }] = yield* decodeDue(rows)
  return due
}, Effect.orDie)

const purge = Effect.gen(function* () {
  const { retentionDays } = yield* AppConfig
  const posts = yield* Posts
  const records = yield* Idempotency
  const challenges = yield* Challenges
  const sessions = yield* Sessions
  const tickets = yield* LiveTickets
  const teams = yield* (yield* Teams).list
  const now = yield* DateTime.now
  const before = retentionDays === 0 ? null : DateTime.formatIso(DateTime.subtract(now, { days: retentionDays }))
  const due = yield* Effect.forEach(teams, ({ id }) => countDue(id, before ?? never, DateTime.formatIso(now)))
  const total = due.reduce((sum, due) => sum + due, yield* countExpired(DateTime.formatIso(now)))
  return yield* withProgress(
    total,
    "rows",
    Effect.fnUntraced(function* (advance) {
      /** Removes batches until one is not full. Returns the number of rows. */
      const removeAll = Effect.fnUntraced(function* (removeBatch: Effect.Effect<number>) {
        let all = 0
        let last = batchSize
        while (last === batchSize) {
          last = yield* removeBatch
          all += last
          yield* advance(last)
        }
        return all
      })
      const removed = { deleted_before: before, teams: teams.length, posts: 0, idempotency_answers: 0 }
      for (const { id } of teams) {
        if (before !== null) removed.posts += yield* removeAll(posts.purge(id, before, batchSize))
        removed.idempotency_answers += yield* removeAll(records.purge(id, batchSize))
      }
      // Before sessions, because deleting a session also deletes its tickets, which would not be counted.
      const live_tickets = yield* removeAll(tickets.purge(batchSize))
      return {
        ...removed,
        challenges: yield* removeAll(challenges.purge(batchSize)),
        live_tickets,
        sessions: yield* removeAll(sessions.purge(batchSize))
      }
    })
  )
})

export const Purge = Command.make("purge", { json }, (flags) =>
  Effect.gen(function* () {
    const removed = yield* purge
    if (flags.json) return yield* Console.log(JSON.stringify(removed))
    const { challenges, deleted_before, idempotency_answers, live_tickets, posts, sessions, teams } = removed
    const which =
      deleted_before === null ? "because TBG_RETENTION_DAYS=0 keeps them forever" : `deleted before ${deleted_before}`
    yield* Console.log(`posts removed: ${posts}, ${which}`)
    yield* Console.log(`expired idempotency records removed: ${idempotency_answers}`)
    yield* Console.log(`expired challenges removed: ${challenges}`)
    yield* Console.log(`expired live tickets removed: ${live_tickets}`)
    yield* Console.log(`expired sessions removed: ${sessions}`)
    yield* Console.log(`teams: ${teams}`)
  }).pipe(onPlayers)
).pipe(
  Command.withDescription(
    "Remove posts deleted more than TBG_RETENTION_DAYS ago, and expired idempotency records, challenges, live tickets and sessions"
  )
)
