import { DateTime, Effect, Option } from "effect"
import type { ApiKeyId } from "../../../src/domain/ApiKey.ts"
import { usedGranularity } from "../../../src/services/apiKeys/KeyStore.ts"
import type { KeyRecord, KeyStore } from "../../../src/services/apiKeys/KeyStore.ts"

/** Key records in this process. */
export const memoryKeyStore = Effect.sync((): KeyStore => {
  const records = new Map<ApiKeyId, KeyRecord>()
  const change = (id: ApiKeyId, changed: Partial<KeyRecord>): void => {
    const record = records.get(id)
    if (record !== undefined) records.set(id, { ...record, ...changed })
  }
  return {
    insert: (record) => Effect.sync(() => void records.set(record.id, record)),
    find: (id) => Effect.sync(() => Option.fromUndefinedOr(records.get(id))),
    ofTeam: (team) => Effect.sync(() => [...records.values()].filter((record) => record.team.id === team)),
    revoke: (id, at) =>
      Effect.sync(() => {
        const living = records.get(id)?.revokedAt === null
        if (living) change(id, { revokedAt: at })
        return living
      }),
    touch: (id, at) =>
      Effect.sync(() => {
        const used = records.get(id)?.lastUsedAt ?? null
        const isDue =
          used === null || DateTime.isLessThanOrEqualTo(used, DateTime.subtractDuration(at, usedGranularity))
        if (isDue) change(id, { lastUsedAt: at })
      }),
    rehash: (id, at, from, to) =>
      Effect.sync(() => {
        const hash = records.get(id)?.hash
        if (hash !== undefined && Buffer.compare(hash, from) === 0) change(id, { lastUsedAt: at, hash: to })
      })
  }
})
