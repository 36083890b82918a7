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

/** Rows as lines of text, with their cells aligned in columns. */
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

/**
 * Differences as a text table, blocking ones first; empty without differences. Long definitions are cut, except in the
 * JSON output.
 */
export const differenceTable = (differences: ReadonlyArray<Difference>): string => {
  if (differences.length === 0) return ""
  const sorted = differences.toSorted((a, b) => a.severity.localeCompare(b.severity))
  return aligned([["SEVERITY", "OBJECT", "PROBLEM", "WANTED", "FOUND"], ...sorted.map(rowOf)])
}
