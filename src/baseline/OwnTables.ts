import { optional, required, timestamp } from "./Table.ts"
import type { Table } from "./Table.ts"

/** A table that migrations of this service create, in the schema `tbg_api`. */
export interface OwnTable extends Table {
  /** Name of the newest migration that changes its shape; nothing is expected until the ledger has it. */
  readonly step: string
  /** Row-level security filters its rows by the team of the transaction. */
  readonly walled: boolean
}

const step = "0004_move_to_schema"

const stamps = { created_at: required(timestamp), updated_at: required(timestamp), deleted_at: optional(timestamp) }

const teams: OwnTable = {
  step,
  walled: false,
  columns: { id: required("uuid"), name: required("text"), ...stamps },
  constraints: {
    teams_pkey: "PRIMARY KEY (id)",
    teams_name_check: "CHECK ((name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'::text))"
  },
  indexes: {
    teams_name_key: "CREATE UNIQUE INDEX teams_name_key ON teams USING btree (name) WHERE (deleted_at IS NULL)"
  }
}

const api_keys: OwnTable = {
  step,
  walled: false,
  columns: {
    id: required("uuid"),
    team_id: required("uuid"),
    label: optional("text"),
    hash: required("bytea"),
    expires_at: optional(timestamp),
    last_used_at: optional(timestamp),
    ...stamps
  },
  constraints: {
    api_keys_pkey: "PRIMARY KEY (id)",
    api_keys_team_fkey: "FOREIGN KEY (team_id) REFERENCES teams(id)",
    api_keys_label_check: "CHECK (((char_length(label) >= 1) AND (char_length(label) <= 100)))",
    api_keys_hash_check: "CHECK ((octet_length(hash) = 32))"
  },
  indexes: {
    api_keys_team_idx: "CREATE INDEX api_keys_team_idx ON api_keys USING btree (team_id, created_at, id)"
  }
}

const posts: OwnTable = {
  step: "0007_check_posts_by_domains",
  walled: true,
  columns: {
    id: required("uuid"),
    team_id: required("uuid"),
    author_name: required("post_author_name"),
    content: required("post_content"),
    tags: optional("post_tags"),
    parent_post_id: optional("uuid"),
    ...stamps
  },
  constraints: {
    posts_pkey: "PRIMARY KEY (id)",
    posts_team_id_key: "UNIQUE (team_id, id)",
    posts_team_fkey: "FOREIGN KEY (team_id) REFERENCES teams(id)",
    posts_parent_fkey: "FOREIGN KEY (team_id, parent_post_id) REFERENCES posts(team_id, id)",
    posts_author_name_check: "CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 100)))",
    posts_content_check: "CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 10000)))",
    posts_tags_check: "CHECK (tbg_api_are_tags(VALUE))"
  },
  indexes: {
    posts_newest_idx:
      "CREATE INDEX posts_newest_idx ON posts USING btree (team_id, created_at, id) WHERE (deleted_at IS NULL)",
    posts_deleted_idx:
      "CREATE INDEX posts_deleted_idx ON posts USING btree (team_id, deleted_at) WHERE (deleted_at IS NOT NULL)",
    posts_replies_idx:
      "CREATE INDEX posts_replies_idx ON posts USING btree (team_id, parent_post_id) WHERE (parent_post_id IS NOT NULL)"
  }
}

const post_counts: OwnTable = {
  step,
  walled: true,
  columns: { team_id: required("uuid"), shard: required("integer"), living: required("bigint") },
  constraints: {
    post_counts_pkey: "PRIMARY KEY (team_id, shard)",
    post_counts_team_fkey: "FOREIGN KEY (team_id) REFERENCES teams(id)"
  },
  indexes: {}
}

const idempotency_keys: OwnTable = {
  step,
  walled: true,
  columns: {
    team_id: required("uuid"),
    api_key_id: required("uuid"),
    key: required("text"),
    request_hash: required("bytea"),
    status: required("integer"),
    location: optional("text"),
    body: required("text"),
    created_at: required(timestamp),
    expires_at: required(timestamp)
  },
  constraints: {
    idempotency_keys_pkey: "PRIMARY KEY (api_key_id, key)",
    idempotency_keys_team_fkey: "FOREIGN KEY (team_id) REFERENCES teams(id)",
    idempotency_keys_api_key_fkey: "FOREIGN KEY (api_key_id) REFERENCES api_keys(id)",
    idempotency_keys_key_check: "CHECK ((key ~ '^[!-~]{1,255}$'::text))",
    idempotency_keys_request_hash_check: "CHECK ((octet_length(request_hash) = 32))",
    idempotency_keys_status_check: "CHECK (((status >= 200) AND (status <= 599)))"
  },
  indexes: {
    idempotency_keys_expiry_idx:
      "CREATE INDEX idempotency_keys_expiry_idx ON idempotency_keys USING btree (team_id, expires_at)"
  }
}

const service_facts: OwnTable = {
  step: "0006_create_service_facts",
  walled: false,
  columns: { name: required("text"), value: optional("bytea") },
  constraints: { service_facts_pkey: "PRIMARY KEY (name)" },
  indexes: {}
}

/** The tables that this service's own migrations create, referenced tables first. */
export const ownTables: Readonly<Record<string, OwnTable>> = {
  teams,
  api_keys,
  posts,
  post_counts,
  idempotency_keys,
  service_facts
}

/** The policy that isolates tenants, as Postgres prints it. */
export const teamWall = {
  name: "team_wall",
  definition: "FOR ALL TO public USING (team_id = (NULLIF(current_setting('tbg.team'::text, true), ''::text))::uuid)"
}
