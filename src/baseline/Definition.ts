const name = String.raw`(?:"(?:[^"]|"")+"|[^\s"]+)`
const indexHead = new RegExp(String.raw`^CREATE (UNIQUE )?INDEX ${name} ON (?:ONLY )?`)
const storage = / WITH \([^)]*\)/

/**
 * An index definition without what may differ between databases: storage parameters, and the name, because
 * `create_hypertable` and a restore choose their own.
 */
export const normalIndex = (definition: string): string =>
  definition.replace(indexHead, "CREATE $1INDEX ON ").replace(storage, "")

const castLiteral = /^\(?('(?:[^']|'')*'|-?\d+(?:\.\d+)?|true|false)\)?(?:::[a-z_ ."]+(?:\(\d+(?:,\d+)?\))?)*$/
const quotedNumber = /^'(-?\d+(?:\.\d+)?)'$/

/**
 * A default without the casts that Postgres adds to a literal. The column has its type already, so `'x'::text`,
 * `'x'::character varying` and `'x'` are the same.
 */
export const normalDefault = (expression: string | null): string | null =>
  expression === null
    ? null
    : expression
        .replaceAll("pg_catalog.", "")
        .replace(/^CURRENT_TIMESTAMP$/, "now()")
        .replace(castLiteral, "$1")
        .replace(quotedNumber, "$1")

/**
 * A view over `shares` in one line. Postgres 16 omits the table before a column if there is only one table. The schema
 * of `time_bucket` is printed if it is not in the search path.
 */
export const normalView = (definition: string): string =>
  definition
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\bshares\./g, "")
    .replaceAll(/\b\w+\.time_bucket\(/g, "time_bucket(")
    .replace(/;\s*$/, "")
    .trim()

/** Postgres counts 24 hours to a day and 30 days to a month, so spans in seconds are exact. */
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
