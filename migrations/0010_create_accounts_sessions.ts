import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const tables = [
  `CREATE TABLE tbg_api.accounts (
    id uuid PRIMARY KEY,
    display_name text CONSTRAINT accounts_display_name_check CHECK (char_length(display_name) BETWEEN 1 AND 64),
    country_code text CONSTRAINT accounts_country_code_check CHECK (country_code ~ '^[A-Z]{2}$'),
    is_public boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  )`,

  // The primary key makes an address belong to one account.
  `CREATE TABLE tbg_api.account_addresses (
    address text CONSTRAINT account_addresses_pkey PRIMARY KEY,
    account_id uuid NOT NULL
      CONSTRAINT account_addresses_account_fkey REFERENCES tbg_api.accounts (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL
  )`,
  "CREATE INDEX account_addresses_account_idx ON tbg_api.account_addresses (account_id, created_at)",

  `CREATE TABLE tbg_api.signin_challenges (
    nonce_hash bytea PRIMARY KEY
      CONSTRAINT signin_challenges_nonce_hash_check CHECK (octet_length(nonce_hash) = 32),
    address text NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  "CREATE INDEX signin_challenges_expiry_idx ON tbg_api.signin_challenges (expires_at)",

  // A session is a family of tokens: each refresh adds a pair.
  `CREATE TABLE tbg_api.sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT sessions_account_fkey REFERENCES tbg_api.accounts (id) ON DELETE CASCADE,
    user_agent text CONSTRAINT sessions_user_agent_check CHECK (char_length(user_agent) <= 200),
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
  )`,
  "CREATE INDEX sessions_account_idx ON tbg_api.sessions (account_id, created_at)",
  "CREATE INDEX sessions_expiry_idx ON tbg_api.sessions (expires_at)",

  `CREATE TABLE tbg_api.session_tokens (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL CONSTRAINT session_tokens_session_fkey REFERENCES tbg_api.sessions (id) ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT session_tokens_kind_check CHECK (kind IN ('access', 'refresh')),
    hash bytea NOT NULL CONSTRAINT session_tokens_hash_check CHECK (octet_length(hash) = 32),
    expires_at timestamptz NOT NULL,
    spent_at timestamptz
  )`,
  "CREATE INDEX session_tokens_session_idx ON tbg_api.session_tokens (session_id)",
  "CREATE INDEX session_tokens_expiry_idx ON tbg_api.session_tokens (expires_at)"
]

const run = (statements: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(statements, (statement) => sql.unsafe(statement), { discard: true })
  )

/** Accounts of players with their proven addresses, and their sessions (`docs/sign-in.md`). */
export default run(tables)

export const down = run([
  "DROP TABLE tbg_api.session_tokens, tbg_api.sessions, tbg_api.signin_challenges",
  "DROP TABLE tbg_api.account_addresses, tbg_api.accounts"
])
