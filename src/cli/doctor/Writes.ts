import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { isMissingTable } from "../../domain/SqlState.ts"
import { databaseAdvice } from "../../layers/Advice.ts"
import { AppConfig } from "../../layers/AppConfig.ts"
import { databaseDown } from "../../layers/database/Fault.ts"
import { trialWrite } from "../../layers/database/WriteState.ts"
import { Secrets } from "../../services/Secrets.ts"
import { secretUse } from "../../services/SecretUse.ts"
import { failed, failedBy, ok, skipped } from "./Check.ts"
import type { Finding } from "./Check.ts"

class RolledBack extends Schema.TaggedError<RolledBack>()("RolledBack", {}) {}

const findingOf = Effect.fnUntraced(function* (error: SqlError) {
  if (isMissingTable(error.reason)) return skipped("the migrations create the tables")
  if (error.reason._tag === "AuthorizationError") return skipped("not checked: see database rights")
  const { database } = yield* AppConfig
  return failedBy(databaseAdvice(database.target, databaseDown(error)))
})

export const writes = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql.withTransaction(Effect.andThen(sql.unsafe(trialWrite), new RolledBack())).pipe(
    Effect.catchTags({
      RolledBack: () => Effect.succeed(ok("accepted")),
      SqlError: findingOf
    })
  )
})

const findings = {
  unused: ok("none yet"),
  known: ok("created with this TBG_SECRET_KEY"),
  changed: failed(
    "created with a different TBG_SECRET_KEY, so they are rejected",
    "restore TBG_SECRET_KEY, or set TBG_SECRET_KEY_PREVIOUS to the old secret; if it is lost, create new keys"
  )
} satisfies Record<string, Finding>

export const keys = Effect.gen(function* () {
  const { previousSecret, secret } = (yield* AppConfig).apiKeys
  return yield* secretUse.pipe(
    Effect.map((use) => findings[use]),
    Effect.catchTag("SqlError", findingOf),
    Effect.provide(Secrets.layer({ current: secret, previous: previousSecret }))
  )
})
