import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { creationStatements } from "../../src/baseline/Creation.ts"
import { fingerprintOf } from "../../src/baseline/Expectations.ts"
import { runAll } from "../support/Catalog.ts"
import { timescaleCatalog } from "../support/CatalogFixture.ts"
import { catalogOfFixture } from "../support/CatalogOfFixture.ts"
import { readDifferences, mutate } from "../support/Mutation.ts"
import type { Named } from "../support/Mutation.ts"
import { onTimescale, skipWithoutTimescale } from "../support/Timescale.ts"

const created = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.withTransaction(runAll(creationStatements({ timescale: true, isPresent: () => false })))
)

/** The policy that the owner's script cannot create (contract section 7). */
const asTheScript = "SELECT remove_continuous_aggregate_policy('daily_shares')"

const repaired: ReadonlyArray<readonly [string, ReadonlyArray<string>, ReadonlyArray<Named>]> = [
  [
    "no retention policy",
    ["SELECT remove_retention_policy('shares')"],
    [["warning", "missing", "retention policy of shares"]]
  ],
  [
    "no compression policy",
    ["SELECT remove_compression_policy('mining_events')"],
    [["warning", "missing", "compression policy of mining_events"]]
  ],
  [
    "no refresh policy",
    ["SELECT remove_continuous_aggregate_policy('hourly_shares')"],
    [["warning", "missing", "refresh policy of hourly_shares"]]
  ],
  [
    "no aggregate",
    ["DROP MATERIALIZED VIEW hourly_shares"],
    [["warning", "missing", "continuous aggregate hourly_shares"]]
  ],
  [
    "a script that stopped at its first error",
    [asTheScript, "DROP TABLE rate_limit_events", "DROP TABLE schema_migrations"],
    [
      ["warning", "missing", "table schema_migrations"],
      ["warning", "missing", "table rate_limit_events"]
    ]
  ]
]

const left: ReadonlyArray<readonly [string, ReadonlyArray<string>, string]> = [
  ["another chunk interval", ["SELECT set_chunk_time_interval('shares', INTERVAL '7 days')"], "hypertable shares"],
  [
    "another retention",
    ["SELECT remove_retention_policy('shares')", "SELECT add_retention_policy('shares', INTERVAL '30 days')"],
    "retention policy of shares"
  ],
  [
    "other compression",
    ["ALTER TABLE shares SET (timescaledb.compress, timescaledb.compress_segmentby = 'worker_name')"],
    "compression of shares"
  ]
]

describe("the baseline on TimescaleDB", () => {
  skipWithoutTimescale()

  it.effect("matches the init script, except for the refresh policy that TimescaleDB rejects", () =>
    onTimescale(
      Effect.gen(function* () {
        yield* created
        const { fingerprint, named, repair } = yield* readDifferences
        assert.deepStrictEqual(named, [])
        assert.deepStrictEqual(repair, { statements: [], manual: [] })
        const script = yield* Effect.map(mutate([asTheScript]), ({ changed }) => changed)
        assert.deepStrictEqual(script.named, [])
        assert.strictEqual(script.fingerprint, fingerprintOf(catalogOfFixture(timescaleCatalog)))
        assert.notStrictEqual(script.fingerprint, fingerprint)
      })
    )
  )

  it.effect.each(repaired)("%s is reported and repaired", ([, statements, found]) =>
    onTimescale(
      Effect.gen(function* () {
        yield* created
        const { after, before, changed } = yield* mutate(statements)
        assert.deepStrictEqual(changed.named, found)
        assert.deepStrictEqual(after.named, [])
        assert.strictEqual(after.fingerprint, before.fingerprint)
      })
    )
  )

  it.effect.each(left)("%s is reported and left unchanged", ([, statements, object]) =>
    onTimescale(
      Effect.gen(function* () {
        yield* created
        const { after, changed } = yield* mutate(statements)
        assert.deepStrictEqual(changed.named, [["warning", "different", object]])
        assert.deepStrictEqual(changed.repair.statements, [])
        assert.deepStrictEqual(after.named, changed.named)
      })
    )
  )

  it.effect("reports each hypertable that is a plain table, and creates no aggregate on it", () =>
    onTimescale(
      Effect.gen(function* () {
        yield* runAll(creationStatements({ timescale: false, isPresent: () => false }))
        const { named, repair } = yield* readDifferences
        assert.deepStrictEqual(
          named.map(([, , object]) => object),
          [
            "hypertable shares",
            "hypertable mining_events",
            "hypertable rate_limit_events",
            "continuous aggregate hourly_shares",
            "continuous aggregate daily_shares"
          ]
        )
        assert.deepStrictEqual(repair.statements, [])
      })
    )
  )
})
