import { Cache, Cause, Context, DateTime, Duration, Effect, Exit, Layer, Option, Redacted, Scope } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import { randomInt, timingSafeEqual } from "node:crypto"
import { ApiKeyId, ApiKeyNotFound, KeyRefused } from "../domain/ApiKey.ts"
import type { ApiKey, Caller } from "../domain/ApiKey.ts"
import { isOutage } from "../domain/SqlState.ts"
import type { Team } from "../domain/Team.ts"
import { sqlKeyStore, usedGranularity } from "./apiKeys/KeyStore.ts"
import type { KeyRecord, KeyStore } from "./apiKeys/KeyStore.ts"
import { idOfToken, makeToken } from "./apiKeys/Token.ts"
import { Ids } from "./Ids.ts"
import { Secrets } from "./Secrets.ts"

export interface ApiKeysOptions {
  /** Time to cache a key (`TBG_KEY_CACHE_SECONDS`), which is how long a revoked key may still work; 0 disables it. */
  readonly cacheSeconds: number
}

export interface NewKey {
  readonly label: string | null
  readonly expiresAt: DateTime.Utc | null
}

const cacheCapacity = 10_000

const usedMillis = Duration.toMillis(usedGranularity)

/** API keys of teams, stored as hashes (contract section 8). */
export class ApiKeys extends Context.Service<
  ApiKeys,
  {
    /** Returns the token, which cannot be read again, and its record. */
    readonly create: (
      team: Caller["team"],
      key: NewKey
    ) => Effect.Effect<{ readonly token: Redacted.Redacted; readonly key: ApiKey }>
    /** Returns the caller of a token. A malformed or cached token needs no query. */
    readonly authenticate: (token: string) => Effect.Effect<Caller, KeyRefused>
    /** Oldest first, including revoked keys. */
    readonly list: (team: Team["id"]) => Effect.Effect<ReadonlyArray<ApiKey>>
    readonly revoke: (id: ApiKeyId) => Effect.Effect<void, ApiKeyNotFound>
  }
>()("tbg-api/services/ApiKeys") {
  static readonly layerOver = <R>(store: Effect.Effect<KeyStore, never, R>, options: ApiKeysOptions) =>
    Layer.effect(
      ApiKeys,
      Effect.flatMap(store, (store) => make(store, options))
    )

  static readonly layer = (options: ApiKeysOptions) => ApiKeys.layerOver(sqlKeyStore, options)
}

interface CachedKey {
  readonly record: KeyRecord
  usedAt: number
  hash: Uint8Array
  /** Verified token; the same token is not hashed again. */
  token: Buffer | undefined
}

const isOutageIn = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return isSqlError(error) && isOutage(error.reason)
}

/** Compares in constant time. All well-formed tokens have the same length. */
const isSameToken = (verified: Buffer | undefined, token: Buffer): boolean =>
  verified !== undefined && timingSafeEqual(verified, token)

const make = Effect.fnUntraced(function* (store: KeyStore, { cacheSeconds }: ApiKeysOptions) {
  const { next } = yield* Ids
  const { fingerprints, sign, verify } = yield* Secrets
  const scope = yield* Scope.Scope

  const lookUp = (id: ApiKeyId) =>
    Effect.map(store.find(id), (found) =>
      Option.map(found, (record): CachedKey => ({
        record,
        usedAt: record.lastUsedAt === null ? Number.NEGATIVE_INFINITY : DateTime.toEpochMillis(record.lastUsedAt),
        hash: record.hash,
        token: undefined
      }))
    )
  const records = yield* Cache.makeWith(Effect.fn("ApiKeys.find")(lookUp), {
    capacity: cacheCapacity,
    timeToLive: (exit) => (Exit.isSuccess(exit) ? cacheSeconds * 1000 : 0)
  })
  const find = cacheSeconds === 0 ? lookUp : (id: ApiKeyId) => Cache.get(records, id)

  /** The request does not wait for it. `logOutages` reports outages. */
  const runInBackground = (effect: Effect.Effect<void>) =>
    effect.pipe(
      Effect.catchCause((cause) =>
        isOutageIn(cause) ? Effect.void : Effect.logWarning("could not update last_used_at of an API key", cause)
      ),
      Effect.forkIn(scope)
    )

  const recordUse = (cached: CachedKey, now: DateTime.Utc) => {
    cached.usedAt = DateTime.toEpochMillis(now)
    return runInBackground(store.touch(cached.record.id, now))
  }

  /** Replaces a hash under the previous secret, so that the previous secret can be dropped. */
  const rehash = (cached: CachedKey, now: DateTime.Utc, hash: Uint8Array) => {
    const from = cached.hash
    cached.usedAt = DateTime.toEpochMillis(now)
    cached.hash = hash
    return runInBackground(store.rehash(cached.record.id, now, from, hash))
  }

  const authenticate = Effect.fnUntraced(function* (token: string) {
    const id = idOfToken(token)
    if (id === undefined) return yield* new KeyRefused({ fault: "malformed" })
    const cached = Option.getOrUndefined(yield* find(id))
    if (cached === undefined) return yield* new KeyRefused({ fault: "unknown" })
    const { record } = cached
    const bytes = Buffer.from(token)
    const secret = isSameToken(cached.token, bytes) ? "current" : verify("api-key", token, cached.hash)
    const now = yield* DateTime.now
    if (secret === undefined) return yield* new KeyRefused({ fault: "unknown" })
    if (record.revokedAt !== null) return yield* new KeyRefused({ fault: "revoked" })
    const isExpired = record.expiresAt !== null && DateTime.isLessThanOrEqualTo(record.expiresAt, now)
    if (isExpired) return yield* new KeyRefused({ fault: "expired" })
    if (secret === "previous") yield* rehash(cached, now, sign("api-key", token))
    else if (DateTime.toEpochMillis(now) - cached.usedAt >= usedMillis) yield* recordUse(cached, now)
    cached.token = bytes
    return { keyId: record.id, team: record.team }
  })

  return ApiKeys.of({
    authenticate,
    create: Effect.fn("ApiKeys.create")(function* (team, { expiresAt, label }) {
      const row = yield* next
      const id = ApiKeyId.make(row.id)
      const token = makeToken(id, randomInt)
      const hash = sign("api-key", Redacted.value(token))
      const createdAt = DateTime.toUtc(DateTime.makeUnsafe(row.at))
      const key = { id, label, createdAt, expiresAt, lastUsedAt: null, revokedAt: null }
      yield* store.insert({ ...key, team, hash }, fingerprints[0])
      return { token, key }
    }),
    list: Effect.fn("ApiKeys.list")(function* (team) {
      return (yield* store.ofTeam(team)).map(({ hash: _hash, team: _team, ...key }) => key)
    }),
    revoke: Effect.fn("ApiKeys.revoke")(function* (id) {
      const revoked = yield* store.revoke(id, yield* DateTime.now)
      if (!revoked) return yield* new ApiKeyNotFound({ id })
      yield* Cache.invalidate(records, id)
    })
  })
})
