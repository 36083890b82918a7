import { Agent, request } from "node:http"
import type { RequestOptions } from "node:http"
import { text } from "node:stream/consumers"
import { Effect, Fiber, Schedule } from "effect"

export interface SteadyCallerOptions {
  readonly port: number
  readonly method: "GET" | "POST"
  readonly path: string
  readonly keepsAlive: boolean
  /** Another key, for when one is exhausted. */
  readonly key: Effect.Effect<string>
  readonly requestsPerKey: number
}

/** Result of a request; `remaining` is the rest of the key's limit. */
export interface LimitedAnswer {
  readonly status: number
  readonly remaining: number
}

const content = JSON.stringify({ author_name: "Ann", content: "Hello" })

/** A POST sends the end of its body this many milliseconds later, so that it is in flight most of the time. */
const bodyTakesMs = 50

/** Unlike fetch, it reports every dropped connection. */
const answerTo = (options: RequestOptions, body: string | undefined): Promise<LimitedAnswer> =>
  new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      const { headers, statusCode = 0 } = response
      const answer = { status: statusCode, remaining: Number(headers["x-ratelimit-remaining"]) }
      text(response).then(() => resolve(answer), reject)
    }).on("error", reject)
    if (body === undefined) return void asked.end()
    asked.write(body.slice(0, -1))
    AbortSignal.timeout(bodyTakesMs).addEventListener("abort", () => asked.end(body.slice(-1)))
  })

/** Sends sequential requests, at most a hundred per second, until interrupted. */
export const steadyCaller = Effect.fnUntraced(function* (options: SteadyCallerOptions) {
  const { keepsAlive, key: newKey, method, path, port, requestsPerKey } = options
  const agent = yield* Effect.acquireRelease(
    Effect.sync(() => new Agent({ keepAlive: keepsAlive, maxSockets: 1 })),
    (agent) => Effect.sync(() => agent.destroy())
  )
  const body = method === "POST" ? content : undefined
  const contentType =
    body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": String(body.length) }
  const keys: Array<Array<LimitedAnswer>> = []
  const failures: Array<string> = []
  let current: { readonly key: string; readonly answers: Array<LimitedAnswer> } = { key: "", answers: [] }
  let isEnded = false
  const withNewKey = Effect.gen(function* () {
    current = { key: yield* newKey, answers: [] }
    keys.push(current.answers)
  })
  const ask = Effect.tryPromise({
    try: () => {
      const headers = { Authorization: `Bearer ${current.key}`, ...contentType }
      return answerTo({ host: "127.0.0.1", port, method, path, agent, headers }, body)
    },
    catch: String
  }).pipe(Effect.match({ onSuccess: (answer) => current.answers.push(answer), onFailure: (why) => failures.push(why) }))
  const once = Effect.suspend(() =>
    keys.length === 0 || current.answers.length >= requestsPerKey ? Effect.andThen(withNewKey, ask) : ask
  )
  const fiber = yield* Effect.forkScoped(
    Effect.repeat(once, { schedule: Schedule.spaced("10 millis"), until: () => isEnded })
  )
  const end = Effect.suspend(() => {
    isEnded = true
    return Fiber.join(fiber)
  })
  /** The responses by key, and the failed connections. */
  return Effect.as(end, { keys, failures })
})
