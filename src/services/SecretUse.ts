import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Secrets } from "./Secrets.ts"

/** Whether API keys were made under our secrets: `unused` if none was made yet, `changed` if none of ours is known. */
export type SecretUse = "unused" | "known" | "changed"

const prefix = "secret "

/** The name of the fact that API keys were made under a secret of this fingerprint. */
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

const note = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [current] = (yield* Secrets).fingerprints
  yield* sql`INSERT INTO tbg_api.service_facts (name) VALUES (${factOf(current)}) ON CONFLICT DO NOTHING`
})

/**
 * Notes the secret that this process uses. A secret that nobody knows is not noted, and logged: the keys that were made
 * under the former one are refused.
 */
export const noteSecret = Effect.gen(function* () {
  if ((yield* secretUse) !== "changed") return yield* note
  yield* Effect.logError(
    "TBG_SECRET_KEY is not the one that API keys were made with; they are refused; set it back, or as TBG_SECRET_KEY_PREVIOUS"
  )
})
