import { coreTables } from "./CoreTables.ts"
import { optional, required, timestamp } from "./Table.ts"
import type { BaselineTable } from "./Table.ts"

const schema_migrations: BaselineTable = {
  core: false,
  columns: {
    version: required("integer"),
    name: required("character varying(255)"),
    applied_at: optional(timestamp, "now()"),
    checksum: optional("character varying(64)")
  },
  constraints: { schema_migrations_pkey: "PRIMARY KEY (version)" },
  indexes: {},
  hypertableIndexes: {}
}

const rate_limit_events: BaselineTable = {
  core: false,
  columns: {
    ts: required(timestamp),
    ip_address: required("inet"),
    event_type: required("character varying(32)"),
    details: optional("jsonb"),
    region: optional("character varying(8)", "'eu'")
  },
  constraints: {},
  indexes: {
    idx_ratelimit_ip: "CREATE INDEX idx_ratelimit_ip ON rate_limit_events USING btree (ip_address, ts DESC)"
  },
  hypertableIndexes: {
    rate_limit_events_ts_idx: "CREATE INDEX rate_limit_events_ts_idx ON rate_limit_events USING btree (ts DESC)"
  }
}

/** The tables that the init script of the database's owner makes (contract section 7), referenced tables first. */
export const baselineTables = { ...coreTables, schema_migrations, rate_limit_events }

export type TableName = keyof typeof baselineTables
