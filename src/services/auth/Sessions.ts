import { Cache, Cause, Context, DateTime, Duration, Effect, Exit, Layer, Option, Redacted, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"
import { randomInt } from "node:crypto"
import type { AccountId } from "../../domain/Account.ts"
import { SessionId, SessionNotFound, SessionTokenId, TokenRefused } from "../../domain/Session.ts"
import type { Session, SignedInCaller, TokenFault, TokenPair } from "../../domain/Session.ts"
import { isOutage } from "../../domain/SqlState.ts"
import { tokenFormat } from "../apiKeys/Token.ts"
import { Ids } from "../Ids.ts"
import { Secrets } from "../Secrets.ts"
import { sessionStore, usedGranularity } from "./SessionStore.ts"
import type { TokenRecord } from "./SessionStore.ts"

export interface SessionsOptions {
  /** `TBG_KEY_CACHE_SECONDS`: how long a token is accepted without a query. A revoked one may work that long. */
  readonly cacheSeconds: number
}

export const accessSeconds = 3600
const accessLifetime = Duration.seconds(accessSeconds)
const refreshLifetime = Duration.days(30)

/** Two tabs that refresh at once both succeed within this time. Later, a reused token counts as stolen. */
const reuseGrace = Duration.seconds(20)

/** Maximum number of cached tokens. */
const cacheCapacity = 10_000

const access = tokenFormat("tbgs", "access token", SessionTokenId)
const refresh = tokenFormat("tbgr", "refresh token", SessionTokenId)

export const idOfAccessToken = access.idOf

/** A cached token. `usedAt` is the last use that was recorded, in milliseconds. */
interface Known {
  readonly record: TokenRecord
  usedAt: number
}

const isOutageIn = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return isSqlError(error) && isOutage(error.reason)
}

const make = Effect.fnUntraced(function* ({ cacheSeconds }: SessionsOptions) {
  const sql = yield* SqlClient.SqlClient
  const store = yield* sessionStore
  const { next } = yield* Ids
  const { sign, verify } = yield* Secrets
  const scope = yield* Scope.Scope

  const lookUp = (id: SessionTokenId) =>
    Effect.map(
      store.findAccess(id),
      Option.map((record): Known => ({ record, usedAt: DateTime.toEpochMillis(record.last_used_at) }))
    )
  const records = yield* Cache.makeWith(Effect.fn("Sessions.find")(lookUp), {
    capacity: cacheCapacity,
    timeToLive: (exit) => (Exit.isSuccess(exit) ? cacheSeconds * 1000 : 0)
  })
  const find = cacheSeconds === 0 ? lookUp : (id: SessionTokenId) => Cache.get(records, id)
  const forget = (rows: ReadonlyArray<{ readonly token_id: SessionTokenId | null }>) =>
    Effect.forEach(
      rows.flatMap(({ token_id }) => token_id ?? []),
      (id) => Cache.invalidate(records, id),
      { discard: true }
    )

  const newToken = Effect.fnUntraced(function* (kind: "access" | "refresh", now: DateTime.Utc) {
    const id = SessionTokenId.make((yield* next).id)
    const format = kind === "access" ? access : refresh
    const token = format.make(id, randomInt)
    const expiresAt = DateTime.addDuration(now, kind === "access" ? accessLifetime : refreshLifetime)
    return { token, row: { id, kind, hash: sign("session", Redacted.value(token)), expiresAt } }
  })
  const addPair = Effect.fnUntraced(function* (session: SessionId, now: DateTime.Utc) {
    const accessToken = yield* newToken("access", now)
    const refreshToken = yield* newToken("refresh", now)
    yield* store.insertTokens(session, [accessToken.row, refreshToken.row])
    return { accessToken: accessToken.token, refreshToken: refreshToken.token } satisfies TokenPair
  })

  const open = Effect.fn("Sessions.open")(function* (accountId: AccountId, userAgent: string | null) {
    const createdAt = yield* DateTime.now
    const id = SessionId.make((yield* next).id)
    const expiresAt = DateTime.addDuration(createdAt, refreshLifetime)
    yield* store.insertSession({ id, accountId, userAgent, createdAt, expiresAt })
    return yield* addPair(id, createdAt)
  })

  /** Runs in the background: the request neither waits for it nor fails with it. */
  const touch = (known: Known, now: DateTime.Utc) => {
    known.usedAt = DateTime.toEpochMillis(now)
    return store.touch(known.record.session_id, now).pipe(
      Effect.catchCause((cause) =>
        isOutageIn(cause) ? Effect.void : Effect.logWarning("last_used_at of a session not updated", cause)
      ),
      Effect.forkIn(scope)
    )
  }

  const faultOf = (record: TokenRecord | undefined, token: string, now: DateTime.Utc): TokenFault | undefined => {
    if (record === undefined || verify("session", token, record.hash) === undefined) return "unknown"
    if (record.revoked_at !== null) return "revoked"
    return DateTime.isLessThanOrEqualTo(record.expires_at, now) ? "expired" : undefined
  }

  const authenticate = Effect.fnUntraced(function* (token: string) {
    const id = access.idOf(token)
    if (id === undefined) return yield* new TokenRefused({ fault: "malformed" })
    const known = Option.getOrUndefined(yield* find(id))
    const now = yield* DateTime.now
    const fault = faultOf(known?.record, token, now)
    if (known === undefined || fault !== undefined) return yield* new TokenRefused({ fault: fault ?? "unknown" })
    if (DateTime.toEpochMillis(now) - known.usedAt >= Duration.toMillis(usedGranularity)) yield* touch(known, now)
    return { accountId: known.record.account_id, sessionId: known.record.session_id }
  })

  /** Returns a fault as a value, because a failure would roll back the revocation. */
  const rotate = Effect.fnUntraced(function* (id: SessionTokenId, token: string) {
    const record = Option.getOrUndefined(yield* store.findRefresh(id))
    const now = yield* DateTime.now
    const fault = faultOf(record, token, now)
    if (record === undefined || fault !== undefined) return { fault: fault ?? ("unknown" as const) }
    const { session_id, spent_at } = record
    if (spent_at !== null && DateTime.isGreaterThan(now, DateTime.addDuration(spent_at, reuseGrace))) {
      const revoked = yield* store.revokeOne(session_id, now)
      return { fault: "reused" as const, revoked, session: { session_id, account_id: record.account_id } }
    }
    yield* store.spend(record, now, DateTime.addDuration(now, refreshLifetime))
    return { accountId: record.account_id, pair: yield* addPair(session_id, now) }
  })

  const refreshPair = Effect.fn("Sessions.refresh")(function* (token: string) {
    const id = refresh.idOf(token)
    if (id === undefined) return yield* new TokenRefused({ fault: "malformed" })
    const outcome = yield* Effect.orDie(sql.withTransaction(rotate(id, token)))
    if (outcome.fault === undefined) return outcome
    const { fault, revoked = [], session = {} } = outcome
    yield* forget(revoked)
    if (fault === "reused") {
      yield* Effect.annotateLogs(Effect.logWarning("refresh token reused; session revoked"), session)
    }
    return yield* new TokenRefused({ fault })
  })

  return {
    open,
    authenticate,
    refresh: refreshPair,
    list: Effect.fn("Sessions.list")(function* (account: AccountId) {
      return yield* store.list(account, yield* DateTime.now)
    }),
    revoke: Effect.fn("Sessions.revoke")(function* (account: AccountId, id: SessionId) {
      const revoked = yield* Effect.orDie(store.revokeOf(account, id, yield* DateTime.now))
      if (revoked.length === 0) return yield* new SessionNotFound({ id })
      yield* forget(revoked)
    }),
    revokeById: Effect.fn("Sessions.revokeById")(function* (id: SessionId) {
      const revoked = yield* Effect.orDie(store.revokeOne(id, yield* DateTime.now))
      if (revoked.length === 0) return yield* new SessionNotFound({ id })
      yield* forget(revoked)
    }),
    revokeAll: Effect.fn("Sessions.revokeAll")(function* (account: AccountId) {
      yield* forget(yield* Effect.orDie(store.revokeAll(account, yield* DateTime.now)))
    }),
    purge: Effect.fn("Sessions.purge")(function* (atMost: number) {
      return yield* store.purge(yield* DateTime.now, atMost)
    })
  }
})

/** Sessions of signed-in players. Their tokens are opaque, and stored as keyed hashes (contract-game section 4). */
export class Sessions extends Context.Service<
  Sessions,
  {
    readonly open: (account: AccountId, userAgent: string | null) => Effect.Effect<TokenPair, SqlError>
    /** Returns the owner of an access token. Malformed and cached tokens cost no query. */
    readonly authenticate: (token: string) => Effect.Effect<SignedInCaller, TokenRefused>
    /** Spends a refresh token. Reuse within 20 seconds gives another pair; later reuse revokes the session. */
    readonly refresh: (
      token: string
    ) => Effect.Effect<{ readonly accountId: AccountId; readonly pair: TokenPair }, TokenRefused>
    /** Newest first. */
    readonly list: (account: AccountId) => Effect.Effect<ReadonlyArray<Session>>
    readonly revoke: (account: AccountId, id: SessionId) => Effect.Effect<void, SessionNotFound>
    readonly revokeAll: (account: AccountId) => Effect.Effect<void>
    /** For operators, who have only the id. */
    readonly revokeById: (id: SessionId) => Effect.Effect<void, SessionNotFound>
    /** Removes expired sessions, at most `atMost`, and returns their number. */
    readonly purge: (atMost: number) => Effect.Effect<number>
  }
>()("tbg-api/services/auth/Sessions") {
  static readonly layer = (options: SessionsOptions) => Layer.effect(Sessions, make(options))
}
