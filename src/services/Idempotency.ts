import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import { createHash } from "node:crypto"
import { answerLifetime, KeyReused, RecordedAnswer, WriteInFlight } from "../domain/Idempotency.ts"
import type { Answered, IdempotentAsk } from "../domain/Idempotency.ts"
import type { TeamId } from "../domain/Team.ts"
import { inTeam } from "./InTeam.ts"

const Found = Schema.Struct({ ...RecordedAnswer.fields, same: Schema.Boolean })
const decodeFound = Schema.decodeUnknownEffect(Schema.Array(Found))
const decodeFree = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ free: Schema.Boolean })]))

/** Hash that identifies a request, 32 bytes. */
const hashOf = (text: string): Uint8Array => createHash("sha256").update(text).digest()

/** A write in flight holds a transaction-level lock, which is released however the transaction ends. */
const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  const once = <E, R>(ask: IdempotentAsk, write: Effect.Effect<RecordedAnswer, E, R>) =>
    Effect.gen(function* () {
      const { apiKey, key, team } = ask
      const hash = hashOf(ask.request)
      const now = yield* DateTime.now
      const [{ free }] = yield* Effect.flatMap(
        sql`SELECT pg_try_advisory_xact_lock(hashtextextended(${`${apiKey} ${key}`}, 0)) AS free`,
        decodeFree
      )
      if (!free) return yield* new WriteInFlight()
      // A separate statement, so that its snapshot is newer than the lock and includes the writes of the last holder.
      const [found] = yield* Effect.flatMap(
        sql`
          SELECT status, location, body, request_hash = ${hash} AS same FROM tbg_api.idempotency_keys
          WHERE team_id = ${team} AND api_key_id = ${apiKey} AND key = ${key}
            AND expires_at > ${DateTime.formatIso(now)}`,
        decodeFound
      )
      if (found !== undefined) {
        const { same, ...answer } = found
        return same ? { answer, replayed: true } : yield* new KeyReused()
      }
      const answer = yield* write
      const expires = DateTime.addDuration(now, answerLifetime)
      const row = {
        team_id: team,
        api_key_id: apiKey,
        key,
        request_hash: hash,
        ...answer,
        created_at: DateTime.formatIso(now),
        expires_at: DateTime.formatIso(expires)
      }
      yield* sql`
        DELETE FROM tbg_api.idempotency_keys WHERE team_id = ${team} AND api_key_id = ${apiKey} AND key = ${key}`
      yield* sql`INSERT INTO tbg_api.idempotency_keys ${sql.insert(row)}`
      return { answer, replayed: false } satisfies Answered
    }).pipe(
      inTeam(ask.team),
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.catchIf(isSqlError, Effect.die),
      Effect.catchTag("SchemaError", Effect.die),
      Effect.withSpan("Idempotency.once")
    )

  const purge = Effect.fn("Idempotency.purge")(function* (team: TeamId, atMost: number) {
    const now = yield* DateTime.now
    const rows = yield* sql`
      DELETE FROM tbg_api.idempotency_keys WHERE team_id = ${team} AND (api_key_id, key) IN (
        SELECT api_key_id, key FROM tbg_api.idempotency_keys
        WHERE team_id = ${team} AND expires_at <= ${DateTime.formatIso(now)} LIMIT ${atMost}
      ) RETURNING key`.pipe(inTeam(team), Effect.provideService(SqlClient.SqlClient, sql), Effect.orDie)
    return rows.length
  })

  return { once, purge }
})

/**
 * Writes that a caller may try again without doing them twice (the IETF's draft of `Idempotency-Key`): the first answer
 * is kept for a day, in the same transaction as what it tells of.
 */
export class Idempotency extends Context.Service<
  Idempotency,
  {
    /**
     * Runs `write` if the key is new, and gives its answer; else the one that was given before. `write` is part of a
     * transaction behind the team's wall: where it fails, nothing is kept, and the key is as new.
     */
    readonly once: <E, R>(
      ask: IdempotentAsk,
      write: Effect.Effect<RecordedAnswer, E, R>
    ) => Effect.Effect<Answered, E | WriteInFlight | KeyReused, R>
    /** Forgets what is past its day, at most so many answers of a team; gives how many. */
    readonly purge: (team: TeamId, atMost: number) => Effect.Effect<number>
  }
>()("tbg-api/services/Idempotency") {
  static readonly layer = Layer.effect(Idempotency, make)
}
