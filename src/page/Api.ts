import { accessToken, forgetSession, isSignedIn, keepSession, refreshToken } from "./Session.ts"

/** URL of the service. This module is at `page/assets/{version}/page.js` below it, also behind a path prefix. */
export const root = new URL("../../../", import.meta.url)

export const minerUrl = (address: string): string => new URL(`miners/${encodeURIComponent(address)}`, root).pathname

/** A response. `status` 0: the service did not answer. */
export type Answer<A> =
  | { readonly isOk: true; readonly body: A }
  | { readonly isOk: false; readonly status: number; readonly message: string; readonly retryAfterMs: number }

const timeoutMs = 15_000

const failure = (status: number, message: string, retryAfterMs = 0) =>
  ({ isOk: false, status, message, retryAfterMs }) as const

const textIn = (value: unknown, name: string): string | undefined => {
  const text: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
  return typeof text === "string" ? text : undefined
}

/** The first field that the service refuses, or else its summary. */
const messageOf = (body: unknown, status: number): string => {
  const errors: unknown = typeof body === "object" && body !== null && "errors" in body ? body.errors : undefined
  const field = Array.isArray(errors) ? textIn(errors[0], "message") : undefined
  const message = field ?? textIn(body, "detail") ?? `The service answered with status ${status}`
  return message.endsWith(".") ? message : `${message}.`
}

interface Sent {
  readonly method?: "GET" | "POST" | "PATCH"
  readonly body?: Readonly<Record<string, unknown>>
}

const send = (path: string, { body, method = "GET" }: Sent): Promise<Response> => {
  const token = accessToken()
  return fetch(new URL(path, root), {
    method,
    cache: "no-cache",
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" })
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs)
  })
}

let renewing: Promise<boolean> | undefined

/** Gets new tokens, once for all requests that find theirs expired. */
const renew = (): Promise<boolean> => {
  renewing ??= (async () => {
    const response = await fetch(new URL("api/v1/auth/refresh", root), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh_token: refreshToken() })
    })
    if (response.ok) keepSession(await response.json())
    else if (response.status === 401 || response.status === 422) forgetSession()
    return response.ok
  })().finally(() => (renewing = undefined))
  return renewing
}

/**
 * Calls the service. The shape of the body is that of the service's own schema, because both are built together; it is
 * not checked again.
 */
export const call = async <A>(path: string, sent: Sent = {}): Promise<Answer<A>> => {
  try {
    let response = await send(path, sent)
    if (response.status === 401 && isSignedIn()) {
      await renew()
      response = await send(path, sent)
    }
    if (response.ok) return { isOk: true, body: await response.json() }
    const body: unknown = await response.json().catch(() => undefined)
    const seconds = Number(response.headers.get("retry-after") ?? 0)
    return failure(response.status, messageOf(body, response.status), seconds * 1000)
  } catch {
    return failure(0, "The service does not answer.")
  }
}

/** Reads mining data. */
export const read = <A>(path: string): Promise<Answer<A>> => call(`api/v1/${path}`)
