import { assert, describe, it } from "@effect/vitest"
import type { Policy } from "../../src/baseline/BaselinePolicy.ts"
import { verdictOf } from "../../src/baseline/Verdict.ts"
import { coreTables } from "../../src/domain/mining/Tables.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { foundCatalog, withoutTables, withTable } from "../support/FoundCatalog.ts"

const whole = foundCatalog(plainCatalog)
const empty = withoutTables(whole, ...Object.keys(whole.tables))
const environments = ["development", "test", "staging", "production"] as const
const policies = ["verify", "strict", "create"] as const
const everywhere = environments.flatMap((environment) => policies.map((policy): Policy => ({ environment, policy })))

const verdictsOn = (catalog: typeof whole) =>
  Object.fromEntries(
    policies.map((policy) => [
      policy,
      environments.map((environment) => verdictOf(catalog, { environment, policy })._tag)
    ])
  )

describe("the verdict", () => {
  it("records a whole baseline everywhere, with no warning", () => {
    for (const policy of everywhere) assert.deepStrictEqual(verdictOf(whole, policy), { _tag: "Record", warnings: [] })
  })

  it("creates on an empty database in development and test, and elsewhere only when told to", () => {
    assert.deepStrictEqual(verdictsOn(empty), {
      verify: ["Create", "Create", "Refuse", "Refuse"],
      strict: ["Create", "Create", "Refuse", "Refuse"],
      create: ["Create", "Create", "Create", "Create"]
    })
  })

  it("refuses some of the core tables everywhere", () => {
    for (const name of Object.keys(coreTables)) {
      assert.deepStrictEqual(verdictsOn(withoutTables(whole, name)), {
        verify: ["Refuse", "Refuse", "Refuse", "Refuse"],
        strict: ["Refuse", "Refuse", "Refuse", "Refuse"],
        create: ["Refuse", "Refuse", "Refuse", "Refuse"]
      })
    }
  })

  it("warns of a missing table that is not core, and refuses it when strict", () => {
    assert.deepStrictEqual(verdictsOn(withoutTables(whole, "rate_limit_events")), {
      verify: ["Record", "Record", "Record", "Record"],
      strict: ["Refuse", "Refuse", "Refuse", "Refuse"],
      create: ["Record", "Record", "Record", "Record"]
    })
  })

  it("creates beside a table that is not core and is right", () => {
    const beside = withoutTables(whole, ...Object.keys(coreTables))
    assert.strictEqual(verdictOf(beside, { environment: "development", policy: "verify" })._tag, "Create")
  })

  it("creates nothing where the name of a core table is a view's", () => {
    const viewed = { ...withoutTables(whole, ...Object.keys(coreTables)), others: { shares: "a view" } }
    assert.strictEqual(verdictOf(viewed, { environment: "development", policy: "create" })._tag, "Refuse")
  })

  it("creates nothing beside a table that has another shape", () => {
    const foreign = withTable(withoutTables(whole, ...Object.keys(coreTables)), "schema_migrations", (table) => ({
      ...table,
      columns: { version: { type: "bigint", nullable: false, default: null } }
    }))
    assert.strictEqual(verdictOf(foreign, { environment: "development", policy: "create" })._tag, "Refuse")
  })
})
