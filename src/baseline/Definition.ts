const name = String.raw`(?:"(?:[^"]|"")+"|[^\s"]+)`
const indexHead = new RegExp(String.raw`^CREATE (UNIQUE )?INDEX ${name} ON (?:ONLY )?`)
const storage = / WITH \([^)]*\)/

/** Removes name and storage parameters, because `create_hypertable` and a restore choose their own. */
export const normalIndex = (definition: string): string =>
  definition.replace(indexHead, "CREATE $1INDEX ON ").replace(storage, "")

const castLiteral = /^\(?('(?:[^']|'')*'|-?\d+(?:\.\d+)?|true|false)\)?(?:::[a-z_ ."]+(?:\(\d+(?:,\d+)?\))?)*$/
const quotedNumber = /^'(-?\d+(?:\.\d+)?)'$/

/** Normalizes a default. The column determines the type, so `'x'::text`, `'x'::character varying` and `'x'` are equal. */
export const normalDefault = (expression: string | null): string | null =>
  expression === null
    ? null
    : expression
        .replaceAll("pg_catalog.", "")
        .replace(/^CURRENT_TIMESTAMP$/, "now()")
        .replace(castLiteral, "$1")
        .replace(quotedNumber, "$1")

/**
 * Normalizes a view over `shares` to one line. Postgres 16 omits the table before a column if there is only one table,
 * and prints the schema of `time_bucket` only if it is not in the search path.
 */
export const normalView = (definition: string): string =>
  definition
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\bshares\./g, "")
    .replaceAll(/\b\w+\.time_bucket\(/g, "time_bucket(")
    .replace(/;\s*$/, "")
    .trim()

/** Exact, because Postgres counts 24 hours to a day and 30 days to a month. */
const units = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60]
] as const

/** Formats seconds in the largest unit that divides them, such as `90 days`. */
export const intervalText = (seconds: number): string => {
  const [unit, length] = units.find(([, length]) => seconds !== 0 && seconds % length === 0) ?? ["second", 1]
  const count = seconds / length
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}
