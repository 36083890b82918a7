import { DateTime, Effect, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { AccountId } from "../../domain/Account.ts"
import { SessionId, SessionTokenId } from "../../domain/Session.ts"
import type { Session } from "../../domain/Session.ts"
import { reads } from "../Reads.ts"
import { writes } from "../Writes.ts"

/** Precision of `lastUsedAt`. Recording every use would add a write to each request. */
export const usedGranularity = "1 minute"

/** Number of expired sessions that each new one removes, so that the table stays small without a job. */
const expiredPerSession = 10

/**
 * Time for which tokens stay after they expired. Another tab may still send one after a refresh, and an unknown token
 * would count as a bad credential.
 */
const expiredFor = "1 day"

const Time = Schema.DateTimeUtcFromDate
const Token = Schema.Struct({
  id: SessionTokenId,
  session_id: SessionId,
  account_id: AccountId,
  hash: Schema.Uint8Array,
  expires_at: Time,
  spent_at: Schema.NullOr(Time),
  last_used_at: Time,
  revoked_at: Schema.NullOr(Time)
})
/** A token with the state of its session. */
export type TokenRecord = typeof Token.Type

const Row = Schema.Struct({
  id: SessionId,
  created_at: Time,
  last_used_at: Time,
  user_agent: Schema.NullOr(Schema.String)
})
const Revoked = Schema.Struct({ token_id: Schema.NullOr(SessionTokenId) })

const decodeTokens = Schema.decodeUnknownEffect(Schema.Array(Token))
const decodeSessions = Schema.decodeUnknownEffect(Schema.Array(Row))
const decodeRevoked = Schema.decodeUnknownEffect(Schema.Array(Revoked))

const iso = DateTime.formatIso

export interface NewToken {
  readonly id: SessionTokenId
  readonly kind: "access" | "refresh"
  readonly hash: Uint8Array
  readonly expiresAt: DateTime.Utc
}

export interface NewSession {
  readonly id: SessionId
  readonly accountId: AccountId
  readonly userAgent: string | null
  readonly createdAt: DateTime.Utc
  readonly expiresAt: DateTime.Utc
}

/** SQL of sessions. Statements within transactions fail with `SqlError`; in others, a `SqlError` is a defect. */
export const sessionStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { long, short } = yield* reads
  const write = yield* writes

  const tokens = (kind: NewToken["kind"], id: SessionTokenId) => sql`
    SELECT t.id, t.session_id, s.account_id, t.hash, t.expires_at, t.spent_at, s.last_used_at, s.revoked_at
    FROM tbg_api.session_tokens t JOIN tbg_api.sessions s ON s.id = t.session_id
    WHERE t.id = ${id} AND t.kind = ${kind}`
  const oneToken = (rows: ReadonlyArray<unknown>) =>
    Effect.map(Effect.orDie(decodeTokens(rows)), ([token]) => Option.fromUndefinedOr(token))

  /** Revokes sessions; returns their access tokens, and one row without a token for a session that has none. */
  const revoke = (condition: ReturnType<typeof sql.and>, at: DateTime.Utc) =>
    sql`
      WITH revoked AS (
        UPDATE tbg_api.sessions SET revoked_at = ${iso(at)}
        WHERE ${condition} AND revoked_at IS NULL AND expires_at > ${iso(at)} RETURNING id
      )
      SELECT t.id AS token_id FROM revoked r
      LEFT JOIN tbg_api.session_tokens t ON t.session_id = r.id AND t.kind = 'access'`.pipe(
      write,
      Effect.flatMap((rows) => Effect.orDie(decodeRevoked(rows)))
    )

  return {
    insertSession: (session: NewSession) =>
      write(sql`
        WITH expired AS (
          DELETE FROM tbg_api.sessions WHERE id IN (
            SELECT id FROM tbg_api.sessions WHERE expires_at <= ${iso(session.createdAt)}
            LIMIT ${expiredPerSession} FOR UPDATE SKIP LOCKED
          )
        )
        INSERT INTO tbg_api.sessions (id, account_id, user_agent, created_at, last_used_at, expires_at)
        VALUES (${session.id}, ${session.accountId}, ${session.userAgent}, ${iso(session.createdAt)},
          ${iso(session.createdAt)}, ${iso(session.expiresAt)})`),
    insertTokens: (sessionId: SessionId, pair: ReadonlyArray<NewToken>) =>
      Effect.forEach(
        pair,
        ({ expiresAt, hash, id, kind }) =>
          write(sql`
            INSERT INTO tbg_api.session_tokens (id, session_id, kind, hash, expires_at)
            VALUES (${id}, ${sessionId}, ${kind}, ${hash}, ${iso(expiresAt)})`),
        { discard: true }
      ),
    findAccess: (id: SessionTokenId) => tokens("access", id).pipe(short, Effect.flatMap(oneToken), Effect.orDie),
    /** Takes no lock, because concurrent refreshes with one token all succeed, as within the grace period. */
    findRefresh: (id: SessionTokenId) => Effect.flatMap(tokens("refresh", id), oneToken),
    /** Also removes old tokens of the session. */
    spend: (token: TokenRecord, at: DateTime.Utc, expiresAt: DateTime.Utc) =>
      Effect.gen(function* () {
        yield* sql`
          UPDATE tbg_api.session_tokens SET spent_at = ${iso(at)} WHERE id = ${token.id} AND spent_at IS NULL`
        yield* sql`
          DELETE FROM tbg_api.session_tokens WHERE session_id = ${token.session_id}
            AND expires_at <= ${iso(DateTime.subtractDuration(at, expiredFor))}`
        yield* sql`
          UPDATE tbg_api.sessions SET last_used_at = ${iso(at)}, expires_at = ${iso(expiresAt)}
          WHERE id = ${token.session_id}`
      }),
    touch: (id: SessionId, at: DateTime.Utc) =>
      sql`
        UPDATE tbg_api.sessions SET last_used_at = ${iso(at)}
        WHERE id = ${id} AND last_used_at <= ${iso(DateTime.subtractDuration(at, usedGranularity))}`.pipe(
        write,
        Effect.orDie,
        Effect.asVoid
      ),
    revokeOne: (id: SessionId, at: DateTime.Utc) => revoke(sql`id = ${id}`, at),
    revokeOf: (account: AccountId, id: SessionId, at: DateTime.Utc) =>
      revoke(sql`account_id = ${account} AND id = ${id}`, at),
    revokeAll: (account: AccountId, at: DateTime.Utc) => revoke(sql`account_id = ${account}`, at),
    list: (account: AccountId, at: DateTime.Utc) =>
      sql`
        SELECT id, created_at, last_used_at, user_agent FROM tbg_api.sessions
        WHERE account_id = ${account} AND revoked_at IS NULL AND expires_at > ${iso(at)}
        ORDER BY created_at DESC, id DESC`.pipe(
        long,
        Effect.flatMap(decodeSessions),
        Effect.map((rows) =>
          rows.map((row): Session => ({
            id: row.id,
            createdAt: row.created_at,
            lastUsedAt: row.last_used_at,
            userAgent: row.user_agent
          }))
        ),
        Effect.orDie
      ),
    purge: (at: DateTime.Utc, atMost: number) =>
      sql`
        DELETE FROM tbg_api.sessions WHERE id IN (
          SELECT id FROM tbg_api.sessions WHERE expires_at <= ${iso(at)} LIMIT ${atMost} FOR UPDATE SKIP LOCKED
        ) RETURNING id`.pipe(
        write,
        Effect.map((rows) => rows.length),
        Effect.orDie
      )
  }
})
