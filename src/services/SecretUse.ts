import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Secrets } from "./Secrets.ts"

/** `known` if API keys exist under one of our secrets, `changed` if they all use other secrets, `unused` without keys. */
export type SecretUse = "unused" | "known" | "changed"

const prefix = "secret "

export const factOf = (fingerprint: string): string => prefix + fingerprint

const decodeNames = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ name: Schema.String })))

export const secretUse = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { fingerprints } = yield* Secrets
  const rows = yield* sql`SELECT name FROM tbg_api.service_facts WHERE starts_with(name, ${prefix})`
  const known = (yield* decodeNames(rows)).map(({ name }) => name)
  if (known.length === 0) return "unused" satisfies SecretUse
  return fingerprints.some((fingerprint) => known.includes(factOf(fingerprint))) ? "known" : "changed"
})

const record = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [current] = (yield* Secrets).fingerprints
  yield* sql`INSERT INTO tbg_api.service_facts (name) VALUES (${factOf(current)}) ON CONFLICT DO NOTHING`
})

/** Records the secret of this process. If all existing API keys use other secrets, logs an error instead. */
export const recordSecret = Effect.gen(function* () {
  if ((yield* secretUse) !== "changed") return yield* record
  yield* Effect.logError(
    "TBG_SECRET_KEY has changed; all existing API keys are rejected; restore it, or set TBG_SECRET_KEY_PREVIOUS to the old value"
  )
})
