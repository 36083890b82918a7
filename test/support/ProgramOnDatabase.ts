import { Effect, Redacted } from "effect"
import { freshDatabase, testClient } from "./TestDatabase.ts"
import { programResult } from "./TestProcess.ts"

/** A separate database, a function to change it, and `tbg` commands on it. */
export const programOnDatabase = Effect.map(freshDatabase, ({ url }) => {
  const variables = { TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: Redacted.value(url), TBG_APP_VERSION: "7.8.9" }
  return {
    url,
    client: testClient(url),
    variables,
    tbg: (...args: ReadonlyArray<string>) => programResult(args, variables),
    migrate: (...args: ReadonlyArray<string>) => programResult(["migrate", ...args], variables)
  }
})
