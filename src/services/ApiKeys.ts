import { Cache, Cause, Context, DateTime, Duration, Effect, Exit, Layer, Option, Redacted, Scope } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import { randomBytes, timingSafeEqual } from "node:crypto"
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
  /**
   * How long a record is trusted (`TBG_KEY_CACHE_SECONDS`), and so how long a revoked key may go on; 0 asks each time.
   */
  readonly cacheSeconds: number
}

export interface NewKey {
  readonly label: string | null
  readonly expiresAt: DateTime.Utc | null
}

/** Records that are remembered; a busy service has hundreds. */
const cacheCapacity = 10_000

const usedMillis = Duration.toMillis(usedGranularity)

/** The keys of teams: made once, told once, kept as codes (contract section 8). */
export class ApiKeys extends Context.Service<
  ApiKeys,
  {
    /** The new key itself, which nobody can ask for again, and its record. */
    readonly create: (
      team: Caller["team"],
      key: NewKey
    ) => Effect.Effect<{ readonly token: Redacted.Redacted; readonly key: ApiKey }>
    /** Whose key it is. One that is malformed costs no query; one that is known costs none for `cacheSeconds`. */
    readonly authenticate: (token: string) => Effect.Effect<Caller, KeyRefused>
    /** The oldest first, with those that are revoked. */
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

/** A record as it was looked up, and what has happened to it here since. */
interface Known {
  readonly record: KeyRecord
  usedAt: number
  hash: Uint8Array
  /** The token that was found to be its own: whoever sends the same again needs no hash. */
  token: Buffer | undefined
}

/** The log of outages has a line for it already. */
const isOutageIn = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return isSqlError(error) && isOutage(error.reason)
}

/** In constant time. */
const isSame = (known: Buffer | undefined, token: Buffer): boolean =>
  known !== undefined && known.length === token.length && timingSafeEqual(known, token)

const make = Effect.fnUntraced(function* (store: KeyStore, { cacheSeconds }: ApiKeysOptions) {
  const { next } = yield* Ids
  const { fingerprints, sign, verify } = yield* Secrets
  const scope = yield* Scope.Scope

  const lookUp = (id: ApiKeyId) =>
    Effect.map(store.find(id), (found) =>
      Option.map(found, (record): Known => ({
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

  /** Runs beside the request, which does not wait for it and does not fail by it. */
  const beside = (effect: Effect.Effect<void>) =>
    effect.pipe(
      Effect.catchCause((cause) =>
        isOutageIn(cause) ? Effect.void : Effect.logWarning("could not update last_used_at of an API key", cause)
      ),
      Effect.forkIn(scope)
    )

  const noteUse = (known: Known, now: DateTime.Utc) => {
    known.usedAt = DateTime.toEpochMillis(now)
    return beside(store.touch(known.record.id, now))
  }

  /** A hash under the previous secret is replaced, so that the previous secret can be dropped. */
  const rehash = (known: Known, now: DateTime.Utc, hash: Uint8Array) => {
    const from = known.hash
    known.usedAt = DateTime.toEpochMillis(now)
    known.hash = hash
    return beside(store.rehash(known.record.id, now, from, hash))
  }

  const authenticate = Effect.fnUntraced(function* (token: string) {
    const id = idOfToken(token)
    if (id === undefined) return yield* new KeyRefused({ fault: "malformed" })
    const known = Option.getOrUndefined(yield* find(id))
    if (known === undefined) return yield* new KeyRefused({ fault: "unknown" })
    const { record } = known
    const bytes = Buffer.from(token)
    const secret = isSame(known.token, bytes) ? "current" : verify("api-key", token, known.hash)
    const now = yield* DateTime.now
    if (secret === undefined) return yield* new KeyRefused({ fault: "unknown" })
    if (record.revokedAt !== null) return yield* new KeyRefused({ fault: "revoked" })
    const isExpired = record.expiresAt !== null && DateTime.isLessThanOrEqualTo(record.expiresAt, now)
    if (isExpired) return yield* new KeyRefused({ fault: "expired" })
    if (secret === "previous") yield* rehash(known, now, sign("api-key", token))
    else if (DateTime.toEpochMillis(now) - known.usedAt >= usedMillis) yield* noteUse(known, now)
    known.token = bytes
    return { keyId: record.id, team: record.team }
  })

  return ApiKeys.of({
    authenticate,
    create: Effect.fn("ApiKeys.create")(function* (team, { expiresAt, label }) {
      const born = yield* next
      const id = ApiKeyId.make(born.id)
      const token = makeToken(id, randomBytes)
      const hash = sign("api-key", Redacted.value(token))
      const createdAt = DateTime.toUtc(DateTime.makeUnsafe(born.at))
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
