import { Context, DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import { createHash } from "node:crypto"
import { KeyReused, RecordedResponse, responseLifetime, WriteInFlight } from "../domain/Idempotency.ts"
import type { IdempotentRequest, IdempotentResponse } from "../domain/Idempotency.ts"
import type { TeamId } from "../domain/Team.ts"
import { inTeam } from "./InTeam.ts"

const Found = Schema.Struct({ ...RecordedResponse.fields, isSame: Schema.Boolean })
const decodeFound = Schema.decodeUnknownEffect(Schema.Array(Found))
const decodeLock = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ isHeld: Schema.Boolean })]))

const hashOf = (text: string): Uint8Array => createHash("sha256").update(text).digest()

/** A write in flight holds an advisory lock, which Postgres releases when the transaction ends. */
const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  const once = <E, R>(request: IdempotentRequest, write: Effect.Effect<RecordedResponse, E, R>) =>
    Effect.gen(function* () {
      const { apiKey, key, team } = request
      const hash = hashOf(request.request)
      const now = yield* DateTime.now
      const [{ isHeld }] = yield* Effect.flatMap(
        sql`SELECT pg_try_advisory_xact_lock(hashtextextended(${`${apiKey} ${key}`}, 0)) AS "isHeld"`,
        decodeLock
      )
      if (!isHeld) return yield* new WriteInFlight()
      // A separate statement, so that its snapshot is newer than the lock and includes the writes of the last holder.
      const [found] = yield* Effect.flatMap(
        sql`
          SELECT status, location, body, request_hash = ${hash} AS "isSame" FROM tbg_api.idempotency_keys
          WHERE team_id = ${team} AND api_key_id = ${apiKey} AND key = ${key}
            AND expires_at > ${DateTime.formatIso(now)}`,
        decodeFound
      )
      if (found !== undefined) {
        const { isSame, ...response } = found
        return isSame ? { response, replayed: true } : yield* new KeyReused()
      }
      const response = yield* write
      const expires = DateTime.addDuration(now, responseLifetime)
      const row = {
        team_id: team,
        api_key_id: apiKey,
        key,
        request_hash: hash,
        ...response,
        created_at: DateTime.formatIso(now),
        expires_at: DateTime.formatIso(expires)
      }
      yield* sql`
        DELETE FROM tbg_api.idempotency_keys WHERE team_id = ${team} AND api_key_id = ${apiKey} AND key = ${key}`
      yield* sql`INSERT INTO tbg_api.idempotency_keys ${sql.insert(row)}`
      return { response, replayed: false } satisfies IdempotentResponse
    }).pipe(
      inTeam(request.team),
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
 * Idempotent writes (IETF draft `Idempotency-Key`). The response to a write is recorded in the same transaction and
 * replayed for 24 hours.
 */
export class Idempotency extends Context.Service<
  Idempotency,
  {
    /**
     * Runs `write` if the key is new, otherwise replays the recorded response. `write` runs in the transaction of
     * `inTeam`. If it fails, nothing is recorded and the key can be used again.
     */
    readonly once: <E, R>(
      request: IdempotentRequest,
      write: Effect.Effect<RecordedResponse, E, R>
    ) => Effect.Effect<IdempotentResponse, E | WriteInFlight | KeyReused, R>
    /** Deletes at most `atMost` expired responses of a team; returns the number deleted. */
    readonly purge: (team: TeamId, atMost: number) => Effect.Effect<number>
  }
>()("tbg-api/services/Idempotency") {
  static readonly layer = Layer.effect(Idempotency, make)
}
