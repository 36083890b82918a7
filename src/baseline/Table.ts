/** A column as `format_type` spells its type. */
export interface Column {
  readonly type: string
  readonly nullable: boolean
  /** As `normalDefault` spells it; `null` without one. */
  readonly default: string | null
}

/** Constraints and indexes are their definitions by name, as Postgres prints them. */
export interface Table {
  readonly columns: Readonly<Record<string, Column>>
  readonly constraints: Readonly<Record<string, string>>
  /** Those that back no constraint, without the schema's name. */
  readonly indexes: Readonly<Record<string, string>>
}

/** A table of the baseline. */
export interface BaselineTable extends Table {
  /** A database that has some core tables and lacks others is not ours to migrate. */
  readonly core: boolean
  /** Those that TimescaleDB makes itself when the table becomes a hypertable. */
  readonly hypertableIndexes: Readonly<Record<string, string>>
}

export const required = (type: string, value: string | null = null): Column => ({
  type,
  nullable: false,
  default: value
})
export const optional = (type: string, value: string | null = null): Column => ({
  type,
  nullable: true,
  default: value
})
/** What `BIGSERIAL` makes. */
export const serial = (table: string): Column => required("bigint", `nextval('${table}_id_seq'::regclass)`)
export const timestamp = "timestamp with time zone"
