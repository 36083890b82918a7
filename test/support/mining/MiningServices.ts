import { Effect, Layer, Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Leadership } from "../../../src/services/mining/Leadership.ts"
import type { Lease } from "../../../src/services/mining/Leadership.ts"
import { Projection } from "../../../src/services/mining/Projection.ts"
import { WeekChanges } from "../../../src/services/weeks/WeekChanges.ts"
import { WeekFold } from "../../../src/services/weeks/WeekFold.ts"
import { databaseAt } from "../TestDatabaseLayer.ts"
import { start } from "./Entries.ts"
import { createMiningTables, miningDatabase } from "./MiningDatabase.ts"

/** Addresses of `Entries.ts` are of this network. */
export const network = "regtest"

const atStart = Layer.effectDiscard(TestClock.setTime(start / 1000 + 86_400_000))

const servicesOn = <A, E, R>(database: Layer.Layer<A | SqlClient.SqlClient, E, R>) =>
  Projection.layer({ network }).pipe(
    Layer.provideMerge(WeekFold.layer),
    Layer.provideMerge(WeekChanges.layer),
    Layer.provideMerge(Leadership.layer),
    Layer.provideMerge(database),
    Layer.provideMerge(atStart)
  )

/** The projection over a database of this layer's own, one day after `start`. */
export const miningServices = servicesOn(
  Layer.unwrap(Effect.map(miningDatabase, ({ url }) => databaseAt(Redacted.value(url))))
)

/** The same over an embedded database. */
export const embeddedMiningServices = servicesOn(
  Layer.provideMerge(Layer.effectDiscard(createMiningTables), databaseAt("embedded"))
)

/** Takes the lease for this test, even from another holder. */
export const takeLease: Effect.Effect<Lease, unknown, Leadership> = Effect.gen(function* () {
  const { acquire } = yield* Leadership
  const lease = yield* acquire("test")
  return lease ?? (yield* Effect.die("another holder has the lease"))
})
