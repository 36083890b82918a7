import { DateTime, Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { ApiKeyId } from "../../domain/ApiKey.ts"
import type { ApiKey, Caller } from "../../domain/ApiKey.ts"
import { TeamId } from "../../domain/Team.ts"
import { reads } from "../Reads.ts"
import type { Read } from "../Reads.ts"
import { factOf } from "../SecretUse.ts"
import { writes } from "../Writes.ts"

/** Stored form of a key. */
export interface KeyRecord extends ApiKey {
  readonly team: Caller["team"]
  /** HMAC-SHA-256 of the whole key. */
  readonly hash: Uint8Array
}

/** Precision of `lastUsedAt`; recording each use would cost one write per request. */
export const usedGranularity = "1 minute"

const Time = Schema.DateTimeUtcFromDate
const Row = Schema.Struct({
  id: ApiKeyId,
  teamId: TeamId,
  teamName: Schema.String,
  label: Schema.NullOr(Schema.String),
  hash: Schema.Uint8Array,
  createdAt: Time,
  expiresAt: Schema.NullOr(Time),
  lastUsedAt: Schema.NullOr(Time),
  revokedAt: Schema.NullOr(Time)
})
const decodeRows = Schema.decodeUnknownEffect(Schema.Array(Row))

const recordOf = ({ teamId, teamName, ...key }: typeof Row.Type): KeyRecord => ({
  ...key,
  team: { id: teamId, name: teamName }
})

const text = (time: DateTime.Utc | null): string | null => (time === null ? null : DateTime.formatIso(time))

/** Storage of API keys. Failures are defects. */
export const sqlKeyStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long, short } = yield* reads
  const write = yield* writes
  const records = (read: Read, condition: ReturnType<typeof sql.and>) =>
    sql`
      SELECT k.id, k.team_id AS "teamId", t.name AS "teamName", k.label, k.hash, k.created_at AS "createdAt",
        k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt",
        coalesce(k.deleted_at, t.deleted_at) AS "revokedAt"
      FROM tbg_api.api_keys k JOIN tbg_api.teams t ON t.id = k.team_id
      WHERE ${condition} ORDER BY k.created_at, k.id`.pipe(
      read,
      Effect.flatMap(decodeRows),
      Effect.map((rows) => rows.map(recordOf)),
      Effect.orDie
    )
  return {
    /** Also records the fingerprint of the secret that made the hash. */
    insert: (record: KeyRecord, fingerprint: string) =>
      sql`
        WITH fact AS (
          INSERT INTO tbg_api.service_facts (name) VALUES (${factOf(fingerprint)}) ON CONFLICT DO NOTHING
        )
        INSERT INTO tbg_api.api_keys (id, team_id, label, hash, expires_at, created_at, updated_at)
        VALUES (${record.id}, ${record.team.id}, ${record.label}, ${record.hash}, ${text(record.expiresAt)},
          ${text(record.createdAt)}, ${text(record.createdAt)})`.pipe(write, Effect.orDie, Effect.asVoid),
    find: (id: ApiKeyId) => Effect.map(records(short, sql`k.id = ${id}`), ([record]) => Option.fromUndefinedOr(record)),
    /** Oldest first. */
    ofTeam: (team: TeamId) => records(long, sql`k.team_id = ${team}`),
    /** Returns whether a key was revoked. */
    revoke: (id: ApiKeyId, at: DateTime.Utc) =>
      sql`
        UPDATE tbg_api.api_keys SET deleted_at = ${text(at)}, updated_at = ${text(at)}
        WHERE id = ${id} AND deleted_at IS NULL RETURNING id`.pipe(
        write,
        Effect.map((rows) => rows.length > 0),
        Effect.orDie
      ),
    /** Records a use, unless one was recorded less than `usedGranularity` ago, possibly by another replica. */
    touch: (id: ApiKeyId, at: DateTime.Utc) =>
      sql`
        UPDATE tbg_api.api_keys SET last_used_at = ${text(at)}
        WHERE id = ${id} AND (last_used_at IS NULL
          OR last_used_at <= ${text(DateTime.subtractDuration(at, usedGranularity))})`.pipe(
        write,
        Effect.orDie,
        Effect.asVoid
      ),
    /** Records a use and replaces the hash `from`, unless it was already replaced. */
    rehash: (id: ApiKeyId, at: DateTime.Utc, from: Uint8Array, to: Uint8Array) =>
      sql`
        UPDATE tbg_api.api_keys SET last_used_at = ${text(at)}, hash = ${to}
        WHERE id = ${id} AND hash = ${from}`.pipe(write, Effect.orDie, Effect.asVoid)
  }
})

export type KeyStore = Effect.Success<typeof sqlKeyStore>
