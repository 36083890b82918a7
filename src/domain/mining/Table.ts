import { Record, Schema } from "effect"
import { sqlColumnOf } from "./Column.ts"
import type { SqlColumn } from "./Column.ts"

/** Span in its largest unit, as `INTERVAL` and `Duration` read it. */
export type Span = `${number} ${"hour" | "hours" | "day" | "days"}`

export interface Hypertable {
  readonly timeColumn: string
  readonly chunk: Span
  /** Index that TimescaleDB creates itself, as in `Definition.indexes`. */
  readonly timeIndex: Readonly<Record<string, string>>
  readonly compression: { readonly segmentBy: string; readonly orderBy: string; readonly after: Span } | null
  readonly dropAfter: Span
}

interface Definition<Columns extends Schema.Struct.Fields> {
  readonly columns: Columns
  readonly constraints?: Readonly<Record<string, string>>
  /** Text after `USING btree`, by index name; excludes indexes of constraints. */
  readonly indexes?: Readonly<Record<string, string>>
  readonly hypertable?: Hypertable
}

const sqlColumns = (table: string, columns: Schema.Struct.Fields): Readonly<Record<string, SqlColumn>> =>
  Object.fromEntries(
    Object.entries(columns).flatMap(([name, schema]) => {
      const column = sqlColumnOf(schema)
      if (column === undefined) return []
      return column.type === "bigserial"
        ? [[name, { ...column, type: "bigint", default: `nextval('${table}_${name}_seq'::regclass)` }]]
        : [[name, column]]
    })
  )

const indexesOn = (table: string, indexes: Readonly<Record<string, string>>) =>
  Record.map(indexes, (definition, name) => `CREATE INDEX ${name} ON ${table} USING btree ${definition}`)

/** Table with its parts as Postgres prints them, and the schema of a row. */
export const table = <Columns extends Schema.Struct.Fields>(
  name: string,
  { columns, constraints = {}, hypertable, indexes = {} }: Definition<Columns>
) => ({
  columns: sqlColumns(name, columns),
  constraints,
  indexes: indexesOn(name, indexes),
  hypertable: hypertable && { ...hypertable, timeIndex: indexesOn(name, hypertable.timeIndex) },
  row: Schema.Struct(columns)
})
