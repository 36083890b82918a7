import type { Difference } from "./Difference.ts"

const widest = 60

const cut = (text: string): string => (text.length <= widest ? text : `${text.slice(0, widest - 1)}…`)

const rowOf = ({ found, object, problem, severity, wanted }: Difference): ReadonlyArray<string> => [
  severity,
  object,
  problem,
  cut(wanted),
  found === null ? "-" : cut(found)
]

/** Formats rows as text with aligned columns. */
export const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows.reduce<ReadonlyArray<number>>(
    (widths, row) => row.map((cell, column) => Math.max(cell.length, widths[column] ?? 0)),
    []
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

/** Formats differences as a text table, blocking ones first. Long definitions are truncated. */
export const differenceTable = (differences: ReadonlyArray<Difference>): string => {
  if (differences.length === 0) return ""
  const sorted = differences.toSorted((a, b) => a.severity.localeCompare(b.severity))
  return aligned([["SEVERITY", "OBJECT", "PROBLEM", "EXPECTED", "FOUND"], ...sorted.map(rowOf)])
}
