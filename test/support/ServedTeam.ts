import { Effect, Redacted } from "effect"
import { someSecret } from "./ConfigFrom.ts"
import { programResult } from "./TestProcess.ts"
import type { Variables } from "./TestProcess.ts"

/** Variables of a service on a database, with keys that outlive a restart. */
export const servedVariables = (url: Redacted.Redacted): Variables => ({
  TBG_ENVIRONMENT: "test",
  TBG_DATABASE_URL: Redacted.value(url),
  TBG_SECRET_KEY: someSecret,
  TBG_RATE_LIMIT_MODE: "off"
})

/** A new team and its key, made with the program. */
export const newTeamKey = Effect.fnUntraced(function* (variables: Variables, team: string) {
  yield* programResult(["teams", "create", team], variables)
  const { stdout } = yield* programResult(["keys", "create", "--team", team], variables)
  return stdout.trim()
})

export interface Asked {
  readonly status: number
  readonly text: string
  readonly replayed: boolean
}

/** Asks a service for the posts of a team: `ask("POST", "", { author_name, content })`. */
export const askPosts =
  (url: string, team: string, key: string) =>
  (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    Effect.promise(async (): Promise<Asked> => {
      const response = await fetch(`${url}/v1/teams/${team}/posts${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const replayed = response.headers.get("idempotency-replayed") === "true"
      return { status: response.status, text: await response.text(), replayed }
    })
