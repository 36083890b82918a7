import type { Rounds } from "./Comparison.ts"
import { spreadOf } from "./Round.ts"
import type { Round } from "./Round.ts"

/** Cost of requests by load or size. */
export interface Curve {
  readonly title: string
  /** Unit of the points. */
  readonly unit: string
  readonly points: ReadonlyArray<number>
  readonly rounds: Rounds<string>
}

const valuesAt = ({ rounds }: Curve, point: number, figure: keyof Round): ReadonlyArray<number> =>
  rounds.flatMap((round) => round[point]?.[figure] ?? [])

const cpuAt = (curve: Curve, point: number) => spreadOf(valuesAt(curve, point, "cpu"))

/** Formats a table with a row per point. */
export const tableOf = (curve: Curve): string =>
  [
    curve.title,
    "",
    `| ${curve.unit} | requests per second | p99, ms | CPU, us per request |`,
    "|---|---|---|---|",
    ...curve.points.map((point) => {
      const { max, median, min } = cpuAt(curve, point)
      const perSecond = Math.round(spreadOf(valuesAt(curve, point, "perSecond")).median)
      const { median: p99 } = spreadOf(valuesAt(curve, point, "p99"))
      return `| ${point} | ${perSecond} | ${p99} | ${median.toFixed(0)} (${min.toFixed(0)} to ${max.toFixed(0)}) |`
    }),
    ""
  ].join("\n")

/** Formats the medians of the CPU time as a Mermaid chart. */
export const chartOf = (curve: Curve): string => {
  const medians = curve.points.map((point) => Math.round(cpuAt(curve, point).median))
  const top = Math.ceil((Math.max(...medians) * 1.2) / 50) * 50
  return [
    "```mermaid",
    "xychart-beta",
    `  title "${curve.title}"`,
    `  x-axis "${curve.unit}" [${curve.points.map((point) => `"${point}"`).join(", ")}]`,
    `  y-axis "CPU, us per request" 0 --> ${top}`,
    `  line [${medians.join(", ")}]`,
    "```",
    ""
  ].join("\n")
}
