import type { Difference } from "./Difference.ts"
import { alignColumns } from "./Columns.ts"

const maxCellWidth = 60

const truncate = (text: string): string => (text.length <= maxCellWidth ? text : `${text.slice(0, maxCellWidth - 1)}…`)

const rowOf = ({ found, object, problem, severity, wanted }: Difference): ReadonlyArray<string> => [
  severity,
  object,
  problem,
  truncate(wanted),
  found === null ? "-" : truncate(found)
]

/** Formats differences as a text table, blocking ones first. Long definitions are truncated. */
export const differenceTable = (differences: ReadonlyArray<Difference>): string => {
  if (differences.length === 0) return ""
  // "blocking" sorts before "warning".
  const sorted = differences.toSorted((a, b) => a.severity.localeCompare(b.severity))
  return alignColumns([["SEVERITY", "OBJECT", "PROBLEM", "EXPECTED", "FOUND"], ...sorted.map(rowOf)])
}
