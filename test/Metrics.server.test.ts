import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { expositionOf, valuesOf } from "./support/Exposition.ts"
import { passesPromtool } from "./support/Promtool.ts"
import { scrapedMetrics } from "./support/ScrapedMetrics.ts"

/** Names of the metrics in the documentation. */
const [, section = ""] = /\n## Metrics\n([\s\S]*?)\n## /.exec(readFileSync("docs/observability.md", "utf8")) ?? []
const documented = [...section.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = ""]) =>
  Array.from(cell.matchAll(/`([a-z0-9_]+)/g), ([, name = ""]) => name)
)

describe("metrics of the running service", () => {
  it.live("are well-formed and match the documented list", () =>
    Effect.gen(function* () {
      const text = yield* scrapedMetrics
      assert.sameMembers([...expositionOf(text).keys()], documented)
      assert.lengthOf(valuesOf(text, "tbg_migration_info"), 1)
      assert.deepStrictEqual(valuesOf(text, "tbg_schema_drift"), [0])
      assert.isAbove(valuesOf(text, "tbg_db_query_duration_seconds_count", { outcome: "ok" })[0] ?? 0, 0)
    })
  )

  it.live("pass promtool", (context) =>
    Effect.gen(function* () {
      const said = yield* passesPromtool(context, ["check", "metrics"], { input: yield* scrapedMetrics })
      assert.strictEqual(said, "")
    })
  )
})
