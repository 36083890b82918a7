import { assert, describe, it } from "@effect/vitest"
import { differencesOf } from "../../src/baseline/Expectations.ts"
import { differenceTable } from "../../src/baseline/DifferenceTable.ts"
import { plainCatalog } from "../support/CatalogFixture.ts"
import { catalogOfFixture, withoutTables, withTable } from "../support/CatalogOfFixture.ts"

const plain = catalogOfFixture(plainCatalog)

describe("the table of differences", () => {
  it("is empty without differences", () => {
    assert.strictEqual(differenceTable([]), "")
  })

  it("has aligned columns, with errors first", () => {
    const changed = withTable(plain, "workers", (table) => ({
      ...table,
      constraints: {},
      columns: { ...table.columns, source: { type: "text", nullable: true, default: "'hosted'::text" } }
    }))
    assert.deepStrictEqual(differenceTable(differencesOf(changed)).split("\n"), [
      "SEVERITY  OBJECT                                      PROBLEM    EXPECTED                                    FOUND",
      "blocking  column workers.source                       different  character varying(16)                       text",
      "warning   constraint workers_pkey on workers          missing    PRIMARY KEY (id)                            -",
      "warning   constraint workers_user_id_fkey on workers  missing    FOREIGN KEY (user_id) REFERENCES users(id)  -"
    ])
  })

  it("cuts long values and marks the cut", () => {
    const lines = differenceTable(differencesOf(withoutTables(plain, "shares"))).split("\n")
    assert.match(lines[1] ?? "", /^blocking {2}table shares {2}missing {2}a table \(time .*… {2}-$/)
    assert.isBelow(lines[1]?.length ?? Infinity, 160)
  })
})
