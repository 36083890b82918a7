import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expositionOf } from "./support/Exposition.ts"
import { namesIn, panelExpressions, prometheusFolder, ruleExpressions, selectedOf } from "./support/Observability.ts"
import { passesPromtool } from "./support/Promtool.ts"
import { scrapedMetrics } from "./support/ScrapedMetrics.ts"
import { guard } from "./support/throwaway/Guard.ts"

const expressions = [...panelExpressions, ...ruleExpressions]

/** Metrics that Prometheus adds: whether a scrape succeeded, and its target. */
const ofPrometheus = new Map([["up", new Set<string>()]])
const scrapeLabels = new Set(["job", "instance"])

describe("dashboards and alerts against the running service", () => {
  it.live("query only metrics and labels that /metrics exposes", () =>
    Effect.gen(function* () {
      const samples = [...expositionOf(yield* scrapedMetrics).values()].flatMap((family) => family.samples)
      const labels = new Map(samples.map((sample) => [sample.name, new Set(Object.keys(sample.labels))]))
      const known = new Map([...labels, ...ofPrometheus])

      assert.isAbove(expressions.length, 50)
      assert.deepStrictEqual(
        expressions.flatMap(namesIn).filter((name) => !known.has(name)),
        []
      )
      const unknown = expressions
        .flatMap(selectedOf)
        .flatMap(({ labels, metric }) =>
          labels
            .filter((label) => !scrapeLabels.has(label) && known.get(metric)?.has(label) !== true)
            .map((label) => `${metric}{${label}}`)
        )
      assert.deepStrictEqual(unknown, [])
    })
  )
})

describe("promtool", () => {
  it.live.each(["check rules rules.yml", "check config prometheus.yml", "test rules rules.test.yml"])(
    "accepts the alerts: %s",
    (command, context) => passesPromtool(context, command.split(" "), { cwd: prometheusFolder })
  )

  it.live("parses the queries of the dashboards", (context) =>
    Effect.gen(function* () {
      const { folder } = yield* guard({})
      const rules = panelExpressions.map((expr, index) => ({ record: `panel:${index}`, expr }))
      const file = join(folder, "rules.yml")
      yield* Effect.promise(() => writeFile(file, JSON.stringify({ groups: [{ name: "panels", rules }] })))
      yield* passesPromtool(context, ["check", "rules", file])
    })
  )
})
