const name = String.raw`(?:"(?:[^"]|"")+"|[^\s"]+)`
const indexHead = new RegExp(String.raw`^CREATE (UNIQUE )?INDEX ${name} ON (?:ONLY )?`)
const storage = / WITH \([^)]*\)/

/**
 * An index without what may differ from one database to the next: its name, since `create_hypertable` and a restore
 * choose their own, and its storage parameters.
 */
export const normalIndex = (definition: string): string =>
  definition.replace(indexHead, "CREATE $1INDEX ON ").replace(storage, "")

const castLiteral = /^\(?('(?:[^']|'')*'|-?\d+(?:\.\d+)?|true|false)\)?(?:::[a-z_ ."]+(?:\(\d+(?:,\d+)?\))?)*$/
const quotedNumber = /^'(-?\d+(?:\.\d+)?)'$/

/**
 * A default without the casts that Postgres adds to a literal: a column has its type already, and what is assigned to
 * it is the same with `'x'::text`, `'x'::character varying` and `'x'`.
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
 * A view over `shares` in one line. Postgres 16 leaves out the table before a column where there is but one table, and
 * the schema of `time_bucket` is printed where it is not in the search path.
 */
export const normalView = (definition: string): string =>
  definition
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\bshares\./g, "")
    .replaceAll(/\b\w+\.time_bucket\(/g, "time_bucket(")
    .replace(/;\s*$/, "")
    .trim()
