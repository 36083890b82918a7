import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Predicate } from "effect"
import { readFileSync } from "node:fs"
import { alice, miningRoutes, now, sharesOf } from "../../support/mining/MiningRoutes.ts"
import { storeShares } from "../../support/mining/StoredShares.ts"

/** A document composed from the other pool's sources, which its README names. */
const documented = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/third-party/${name}.json`, import.meta.url), "utf8"))

/** Shape of JSON: the names of members, their types, and the shape of the first item of each array. */
const shapeOf = (json: unknown): unknown => {
  if (Array.isArray(json)) return [shapeOf(json[0])]
  if (!Predicate.isObject(json)) return typeof json
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, shapeOf(value)]))
}

const week = 604_800_000
const shares = [
  ...sharesOf([{ address: alice, worker: "rig1", difficulties: [1024], shares: 200, oldest: 3_600_000 }]),
  { address: alice, worker: "old", difficulty: 512, reached: 5000.75, at: now - week - 86_400_000 }
]
const best = shares.reduce((most, { reached }) => Math.max(most, reached), 0)
const siPattern = /^(?:0|\d{1,3}(?:\.\d{1,2})?[KMGTPE]?)$/

const served = Effect.gen(function* () {
  const made = yield* miningRoutes()
  yield* Effect.provide(storeShares(shares), made.client)
  return made
})

describe("GET /users/{address}", () => {
  it.effect("has the members that ckpool writes, in its order, and the miner's figures", () =>
    Effect.gen(function* () {
      const { get, read } = yield* served
      const user = Object(yield* read(`/users/${alice}`))
      assert.deepStrictEqual(shapeOf(user), shapeOf(documented("ckpool-user")))
      assert.deepStrictEqual(Object.keys(user), Object.keys(Object(documented("ckpool-user"))))
      const { miner } = Object(yield* read(`/api/v1/miners/${alice}`))
      assert.deepStrictEqual([user.workers, user.bestshare, user.bestever], [1, best, Math.floor(best)])
      assert.strictEqual(user.shares, 200 * 1024 + 512)
      assert.strictEqual(
        user.lastshare,
        Math.floor(DateTime.toEpochMillis(DateTime.makeUnsafe(miner.last_share_at)) / 1000)
      )
      assert.strictEqual(user.authorised, Math.floor((now - week - 86_400_000) / 1000))
      for (const name of ["hashrate1m", "hashrate5m", "hashrate1hr", "hashrate1d", "hashrate7d"]) {
        assert.match(user[name], siPattern)
      }
      assert.deepStrictEqual(
        user.worker.map(({ shares, workername }: Record<string, unknown>) => [workername, shares]),
        [[`${alice}.rig1`, 200 * 1024]]
      )
      const { headers } = yield* get(`/users/${alice}`, { origin: "http://localhost:3000" })
      assert.strictEqual(headers.get("access-control-allow-origin"), "*")
      assert.isNull(headers.get("access-control-allow-credentials"))
    })
  )
})

describe("GET /api/client/{address}", () => {
  it.effect("has the members that public-pool serves, in its order, and the workers that are online", () =>
    Effect.gen(function* () {
      const { get, read } = yield* served
      const client = Object(yield* read(`/api/client/${alice}`))
      assert.deepStrictEqual(shapeOf(client), shapeOf(documented("public-pool-client")))
      assert.deepStrictEqual(Object.keys(client), Object.keys(Object(documented("public-pool-client"))))
      assert.deepStrictEqual([client.bestDifficulty, client.workersCount], [best, 1])
      const [worker] = client.workers
      const { worker: own } = Object(yield* read(`/api/v1/miners/${alice}/workers/rig1`))
      assert.strictEqual(worker.name, "rig1")
      assert.match(worker.sessionId, /^[0-9a-f]{8}$/)
      assert.strictEqual(worker.bestDifficulty, own.best.difficulty.toFixed(2))
      assert.strictEqual(worker.hashRate, Math.floor(own.hashrate["5m"].value))
      assert.match(worker.lastSeen, /^2026-12-09T10:1\d:\d\d\.\d{3}Z$/)
      const { headers } = yield* get(`/api/client/${alice}`, { origin: "https://elsewhere.example" })
      assert.strictEqual(headers.get("access-control-allow-origin"), "*")
      assert.isNull(headers.get("access-control-allow-credentials"))
    })
  )
})
