import { Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const folder = join(import.meta.dirname, "..", "..", "deploy", "observability")
const dashboards = join(folder, "grafana", "dashboards")

/** Folder of the Prometheus rules and their tests. */
export const prometheusFolder = join(folder, "prometheus")

const Dashboard = Schema.Struct({
  uid: Schema.String,
  templating: Schema.Struct({ list: Schema.Array(Schema.Struct({ name: Schema.String })) }),
  panels: Schema.Array(
    Schema.Struct({
      id: Schema.Int,
      title: Schema.String,
      description: Schema.String,
      gridPos: Schema.Struct({ x: Schema.Int, y: Schema.Int, w: Schema.Int, h: Schema.Int }),
      targets: Schema.Array(Schema.Struct({ expr: Schema.String }))
    })
  )
})
const decodeDashboard = Schema.decodeUnknownSync(Schema.fromJsonString(Dashboard))

/** The provisioned dashboards, with their file names. */
export const allDashboards = readdirSync(dashboards).map((name) => ({
  name,
  ...decodeDashboard(readFileSync(join(dashboards, name), "utf8"))
}))

/** Expressions of all panels, with values for Grafana's variables. */
export const panelExpressions = allDashboards.flatMap(({ panels }) =>
  panels.flatMap(({ targets }) =>
    targets.map(({ expr }) => expr.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*"))
  )
)

/** Expressions of the alerts, each on one line. */
export const ruleExpressions = [
  ...readFileSync(join(prometheusFolder, "rules.yml"), "utf8").matchAll(/ expr: (?:>-)?([\s\S]+?)\n +for:/gu)
].map(([, expression = ""]) => expression.replaceAll(/\s+/gu, " ").trim())

/** A metric that an expression selects, and its labels in the expression. */
export interface Selected {
  readonly metric: string
  readonly labels: ReadonlyArray<string>
}

const selector = /([a-z_][a-z0-9_]*)\{([^}]*)\}/gu

export const selectedOf = (expression: string): ReadonlyArray<Selected> =>
  [...expression.matchAll(selector)].map(([, metric = "", matchers = ""]) => ({
    metric,
    labels: [...matchers.matchAll(/([a-z_]+)(?:=~|!~|!=|=)"/gu)].map(([, label = ""]) => label)
  }))

/** Names in an expression that are neither labels nor PromQL keywords. */
export const namesIn = (expression: string): ReadonlyArray<string> =>
  [
    ...expression
      .replaceAll(/"[^"]*"/gu, "")
      .replaceAll(/\{[^}]*\}|\[[^\]]*\]|\b(?:by|without) ?\([^)]*\)/gu, "")
      .matchAll(/\b[a-z_][a-z0-9_]*\b(?!\s*\()/gu)
  ]
    .map(([name]) => name)
    .filter((name) => !/^(?:or|and|unless)$/u.test(name))
