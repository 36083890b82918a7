import { Effect } from "effect"

export interface Asked {
  readonly status: number
  readonly text: string
  readonly replayed: boolean
}

/** Calls the posts endpoints of a team: `ask("POST", "", { author_name, content })`. */
export const requestPosts =
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
