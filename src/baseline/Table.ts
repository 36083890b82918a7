/** A column as `format_type` spells its type. */
export interface Column {
  readonly type: string
  readonly nullable: boolean
}

/** A table of the baseline. Constraints and indexes are their definitions by name, as Postgres prints them. */
export interface Table {
  /** A database that has some core tables and lacks others is not ours to migrate. */
  readonly core: boolean
  readonly columns: Readonly<Record<string, Column>>
  readonly constraints: Readonly<Record<string, string>>
  /** Those that back no constraint, without the schema's name. */
  readonly indexes: Readonly<Record<string, string>>
  /** Those that TimescaleDB makes itself when the table becomes a hypertable. */
  readonly hypertableIndexes: Readonly<Record<string, string>>
}

export const required = (type: string): Column => ({ type, nullable: false })
export const optional = (type: string): Column => ({ type, nullable: true })
export const timestamp = "timestamp with time zone"
