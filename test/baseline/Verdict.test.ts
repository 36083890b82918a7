import { assert, describe, it } from "@effect/vitest"
import type { Policy } from "../../src/baseline/BaselinePolicy.ts"
import { decideVerdict } from "../../src/baseline/Verdict.ts"
import { coreTables } from "../../src/domain/mining/Tables.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { catalogOfFixture, withoutTables, withTable } from "../support/CatalogOfFixture.ts"

const whole = catalogOfFixture(plainCatalog)
const empty = withoutTables(whole, ...Object.keys(whole.tables))
const environments = ["development", "test", "staging", "production"] as const
const policies = ["verify", "strict", "create"] as const
const everywhere = environments.flatMap((environment) => policies.map((policy): Policy => ({ environment, policy })))

const verdictsOn = (catalog: typeof whole) =>
  Object.fromEntries(
    policies.map((policy) => [
      policy,
      environments.map((environment) => decideVerdict(catalog, { environment, policy })._tag)
    ])
  )

describe("the verdict", () => {
  it("records a complete baseline in every environment", () => {
    for (const policy of everywhere) assert.deepStrictEqual(decideVerdict(whole, policy), { _tag: "Record" })
  })

  it("creates the schema of an empty database in development and test, and elsewhere only if configured", () => {
    assert.deepStrictEqual(verdictsOn(empty), {
      verify: ["Create", "Create", "Refuse", "Refuse"],
      strict: ["Create", "Create", "Refuse", "Refuse"],
      create: ["Create", "Create", "Create", "Create"]
    })
  })

  it("refuses a database with only some of the core tables", () => {
    for (const name of Object.keys(coreTables)) {
      assert.deepStrictEqual(verdictsOn(withoutTables(whole, name)), {
        verify: ["Refuse", "Refuse", "Refuse", "Refuse"],
        strict: ["Refuse", "Refuse", "Refuse", "Refuse"],
        create: ["Refuse", "Refuse", "Refuse", "Refuse"]
      })
    }
  })

  it("warns about a missing table outside the core, and refuses it if strict", () => {
    assert.deepStrictEqual(verdictsOn(withoutTables(whole, "rate_limit_events")), {
      verify: ["Record", "Record", "Record", "Record"],
      strict: ["Refuse", "Refuse", "Refuse", "Refuse"],
      create: ["Record", "Record", "Record", "Record"]
    })
  })

  it("creates the core tables next to a correct table outside the core", () => {
    const beside = withoutTables(whole, ...Object.keys(coreTables))
    assert.strictEqual(decideVerdict(beside, { environment: "development", policy: "verify" })._tag, "Create")
  })

  it("creates nothing if a view has the name of a core table", () => {
    const viewed = { ...withoutTables(whole, ...Object.keys(coreTables)), others: { shares: "a view" } }
    assert.strictEqual(decideVerdict(viewed, { environment: "development", policy: "create" })._tag, "Refuse")
  })

  it("creates nothing next to a table whose columns differ", () => {
    const foreign = withTable(withoutTables(whole, ...Object.keys(coreTables)), "schema_migrations", (table) => ({
      ...table,
      columns: { version: { type: "bigint", nullable: false, default: null } }
    }))
    assert.strictEqual(decideVerdict(foreign, { environment: "development", policy: "create" })._tag, "Refuse")
  })
})
