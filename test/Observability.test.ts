import { assert, describe, it } from "@effect/vitest"
import { allDashboards, namesIn, ruleExpressions } from "./support/Observability.ts"

const subjects = ["readiness", "errors", "p99", "drift", "limiter", "event loop"] as const
const metricOf: Record<(typeof subjects)[number], RegExp> = {
  readiness: /route=~"\/ready\b.*status="503"/u,
  errors: /status=~"5\.\.".*> 0\.01$/u,
  p99: /^histogram_quantile\(0\.99, .*> 0\.5$/u,
  drift: /tbg_schema_drift/u,
  limiter: /tbg_rate_limit_fallbacks_total.* or .*tbg_rate_limit_breaker_open/u,
  "event loop": /nodejs_eventloop_lag_p99_seconds/u
}

describe("alerts", () => {
  it.each(subjects)("cover %s", (subject) => {
    assert.lengthOf(
      ruleExpressions.filter((expression) => metricOf[subject].test(expression)),
      1
    )
  })
})

describe("dashboards", () => {
  it("have titled, described panels that do not overlap", () => {
    for (const { name, panels, uid } of allDashboards) {
      assert.strictEqual(`${uid}.json`, `tbg-api-${name}`)
      assert.isTrue(panels.every(({ description, title }) => description.length > 0 && title.length > 0))
      const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
        Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`)
      )
      assert.strictEqual(new Set(cells).size, cells.length)
      assert.isTrue(panels.every(({ gridPos: { w, x } }) => x + w <= 24))
    }
  })
})

describe("names in an expression", () => {
  it("are recognized as metric names", () => {
    const expression = 'sum by (job, le) (rate(a_bucket{job="x", b=~"c"}[5m])) / (max(d_total) or vector(0)) > 1e3'
    assert.deepStrictEqual(namesIn(expression), ["a_bucket", "d_total"])
  })
})
