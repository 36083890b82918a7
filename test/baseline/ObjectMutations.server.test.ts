import { describe } from "@effect/vitest"
import { mutationSuite } from "../support/MutationSuite.ts"
import type { MutationRow } from "../support/MutationSuite.ts"

const constraint = (table: string, name: string): MutationRow => [
  `no ${name}`,
  [`ALTER TABLE ${table} DROP CONSTRAINT ${name}`],
  [["warning", "missing", `constraint ${name} on ${table}`]]
]

const index = (table: string, name: string): MutationRow => [
  `no ${name}`,
  [`DROP INDEX ${name}`],
  [["warning", "missing", `index ${name} on ${table}`]]
]

const table = (severity: "blocking" | "warning", name: string): MutationRow => [
  `no ${name}`,
  [`DROP TABLE ${name}`],
  [[severity, "missing", `table ${name}`]]
]

const changedConstraint = (table: string, name: string, definition: string): MutationRow => [
  `${name} as ${definition}`,
  [`ALTER TABLE ${table} DROP CONSTRAINT ${name}`, `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`],
  [["warning", "different", `constraint ${name} on ${table}`]]
]

const changedIndex = (table: string, name: string, definition: string): MutationRow => [
  `${name} as ${definition}`,
  [`DROP INDEX ${name}`, `CREATE INDEX ${name} ON ${table} ${definition}`],
  [["warning", "different", `index ${name} on ${table}`]]
]

describe("a missing object", () => {
  mutationSuite("repaired", [
    table("blocking", "shares"),
    table("blocking", "blocks"),
    table("blocking", "weekly_best_diff"),
    table("blocking", "mining_events"),
    table("warning", "rate_limit_events"),
    table("warning", "schema_migrations"),
    [
      "no users, to which others refer",
      ["DROP TABLE users CASCADE"],
      [
        ["blocking", "missing", "table users"],
        ["warning", "missing", "constraint workers_user_id_fkey on workers"],
        ["warning", "missing", "constraint blocks_user_id_fkey on blocks"],
        ["warning", "missing", "constraint weekly_best_diff_user_id_fkey on weekly_best_diff"]
      ]
    ],
    [
      "no workers, and no key that it refers to",
      ["DROP TABLE workers CASCADE", "ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE"],
      [
        ["warning", "missing", "constraint users_pkey on users"],
        ["blocking", "missing", "table workers"],
        ["warning", "missing", "constraint blocks_user_id_fkey on blocks"],
        ["warning", "missing", "constraint blocks_worker_id_fkey on blocks"],
        ["warning", "missing", "constraint weekly_best_diff_user_id_fkey on weekly_best_diff"]
      ]
    ],
    [
      "a database whose script stopped early",
      ["DROP TABLE rate_limit_events, schema_migrations"],
      [
        ["warning", "missing", "table schema_migrations"],
        ["warning", "missing", "table rate_limit_events"]
      ]
    ],
    [
      "no workers_pkey",
      ["ALTER TABLE workers DROP CONSTRAINT workers_pkey CASCADE"],
      [
        ["warning", "missing", "constraint workers_pkey on workers"],
        ["warning", "missing", "constraint blocks_worker_id_fkey on blocks"]
      ]
    ],
    constraint("blocks", "blocks_pkey"),
    constraint("weekly_best_diff", "weekly_best_diff_pkey"),
    constraint("schema_migrations", "schema_migrations_pkey"),
    constraint("users", "users_btc_address_key"),
    constraint("blocks", "blocks_block_hash_key"),
    constraint("weekly_best_diff", "weekly_best_diff_btc_address_week_start_key"),
    constraint("workers", "workers_user_id_fkey"),
    constraint("blocks", "blocks_user_id_fkey"),
    constraint("blocks", "blocks_worker_id_fkey"),
    constraint("weekly_best_diff", "weekly_best_diff_user_id_fkey"),
    index("workers", "idx_workers_user_id"),
    index("workers", "idx_workers_online"),
    index("shares", "idx_shares_address"),
    index("shares", "idx_shares_valid"),
    index("blocks", "idx_blocks_height"),
    index("blocks", "idx_blocks_user"),
    index("weekly_best_diff", "idx_weekly_best_user"),
    index("mining_events", "idx_events_type_ts"),
    index("mining_events", "idx_events_user"),
    index("rate_limit_events", "idx_ratelimit_ip")
  ])
})

describe("a changed object", () => {
  mutationSuite("left", [
    changedConstraint(
      "workers",
      "workers_user_id_fkey",
      "FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE"
    ),
    changedConstraint("blocks", "blocks_user_id_fkey", "FOREIGN KEY (user_id) REFERENCES users(id) NOT VALID"),
    changedConstraint("blocks", "blocks_worker_id_fkey", "FOREIGN KEY (user_id) REFERENCES workers(id)"),
    changedConstraint("users", "users_btc_address_key", "UNIQUE (btc_address) DEFERRABLE"),
    changedConstraint("users", "users_btc_address_key", "UNIQUE (display_name)"),
    changedConstraint("blocks", "blocks_block_hash_key", "CHECK (block_hash <> '')"),
    changedIndex("workers", "idx_workers_online", "(is_online)"),
    changedIndex("blocks", "idx_blocks_height", "(block_height)"),
    changedIndex("shares", "idx_shares_address", `("time" DESC, btc_address)`),
    changedIndex("mining_events", "idx_events_user", "((payload ->> 'worker'))"),
    changedIndex("blocks", "idx_blocks_user", "USING hash (user_id)"),
    [
      "an index that was never finished",
      ["UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_blocks_user'::regclass"],
      [["warning", "different", "index idx_blocks_user on blocks"]]
    ],
    [
      "a view in the place of a core table",
      ["ALTER TABLE shares RENAME TO old_shares", "CREATE VIEW shares AS SELECT * FROM old_shares"],
      [["blocking", "different", "table shares"]]
    ],
    [
      "a sequence in the place of a table that is not core",
      ["DROP TABLE schema_migrations", "CREATE SEQUENCE schema_migrations"],
      [["warning", "different", "table schema_migrations"]]
    ]
  ])
})
