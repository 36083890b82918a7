import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import { whileLocked } from "../../support/Locks.ts"
import { miningDatabase } from "../../support/mining/MiningDatabase.ts"
import { databaseAt } from "../../support/TestDatabaseLayer.ts"

const services = Leadership.layer.pipe(
  Layer.provideMerge(Layer.unwrap(Effect.map(miningDatabase, ({ url }) => databaseAt(Redacted.value(url)))))
)

const expire = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`UPDATE tbg_api.mining_state SET expires_at = clock_timestamp() - interval '1 millisecond'`
)
const lead = Effect.fnUntraced(function* (holder: string) {
  yield* expire
  const lease = yield* (yield* Leadership).acquire(holder)
  return lease ?? (yield* Effect.die(`${holder} got no lease`))
})

layer(services)("Leadership", (it) => {
  it.effect("gives the lease to one holder until it expires or is released", () =>
    Effect.gen(function* () {
      const { acquire, release } = yield* Leadership
      const a = yield* lead("a")
      assert.isUndefined(yield* acquire("b"))
      yield* release(a)
      const b = yield* acquire("b")
      assert.strictEqual(b?.holder, "b")
      assert.strictEqual(Number(b?.term), Number(a.term) + 1)
    })
  )

  it.effect("refuses a renewal, release or commit by a former leader", () =>
    Effect.gen(function* () {
      const { acquire, commit, release, renew } = yield* Leadership
      const a = yield* lead("a")
      yield* lead("b")
      assert.strictEqual((yield* Effect.flip(renew(a)))._tag, "LeadershipLost")
      const written = commit(a, () => Effect.die("wrote after another leader took over"))
      assert.strictEqual((yield* Effect.flip(written))._tag, "LeadershipLost")
      yield* release(a)
      assert.isUndefined(yield* acquire("c"))
    })
  )

  it.effect("refuses a commit with a former term of the same holder", () =>
    Effect.gen(function* () {
      const { commit } = yield* Leadership
      const former = yield* lead("a")
      yield* lead("a")
      assert.strictEqual((yield* Effect.flip(commit(former, () => Effect.void)))._tag, "LeadershipLost")
    })
  )

  it.effect("does not wait for a commit of the leader to acquire the lease", () =>
    Effect.gen(function* () {
      const { acquire } = yield* Leadership
      yield* expire
      const held = whileLocked("SELECT * FROM tbg_api.mining_state FOR UPDATE", acquire("d"))
      assert.isUndefined(yield* held)
    })
  )

  it.effect("extends the lease with each commit", () =>
    Effect.gen(function* () {
      const { acquire, commit } = yield* Leadership
      const a = yield* lead("a")
      yield* expire
      yield* commit(a, () => Effect.void)
      assert.isUndefined(yield* acquire("b"))
    })
  )
})
