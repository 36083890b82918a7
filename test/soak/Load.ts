import { Effect, Schedule, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { jsonBody } from "../support/TeamRoutes.ts"
import type { Entry, Journal } from "./Journal.ts"

export interface Target {
  readonly url: string
  /** An API key of team `alpha`. */
  readonly token: string
}

/** Concurrent callers. */
export const workers = 6

/** Pause of each caller between requests; together they send some hundred per second. */
const rest = "25 millis"

/** Longer than the deadline, so that a slower request is detected. */
const patienceMs = 20_000

const Created = Schema.fromJsonString(Schema.Struct({ post: Schema.Struct({ id: Schema.String }) }))
const decodeCreated = Schema.decodeUnknownEffect(Created)

/** Bodies of a 503 during a fault. */
const passing =
  /^\{("error":"Service (unavailable|overloaded)","code":"(SERVICE_UNAVAILABLE|OVERLOADED)","details":\{"request_id":"[\w-]+","doc_url":"[\w/-]+"[^{}]*\}|"detail":"Service (unavailable|overloaded)")\}$/

interface Asked {
  readonly operation: string
  readonly path: string
  readonly init?: RequestInit
  /** Allowed statuses in addition to 503. */
  readonly expected: ReadonlyArray<number>
}

/** One request, recorded in the journal. */
const ask = Effect.fnUntraced(function* ({ token, url }: Target, journal: Journal, asked: Asked) {
  const begun = performance.now()
  const answer = yield* Effect.promise(async () => {
    try {
      const headers = new Headers(asked.init?.headers)
      headers.set("authorization", `Bearer ${token}`)
      const signal = AbortSignal.timeout(patienceMs)
      const response = await fetch(`${url}${asked.path}`, { ...asked.init, headers, signal })
      return { status: response.status, text: await response.text() }
    } catch (error) {
      return { status: 0, text: String(error) }
    }
  })
  journal.slowestMs = Math.max(journal.slowestMs, performance.now() - begun)
  const name = `${asked.operation} ${answer.status}`
  journal.answers.set(name, (journal.answers.get(name) ?? 0) + 1)
  const isPassing = answer.status === 503 && passing.test(answer.text)
  if (!isPassing && !asked.expected.includes(answer.status)) journal.surprises.push(`${name}: ${answer.text}`)
  return answer
})

const posts = "/v1/teams/alpha/posts"

const isAcknowledged = ({ status }: { readonly status: number }): boolean => status === 201

const json = { "content-type": "application/json" }

/** Time during which a keyed write is retried. */
const again = Schedule.upTo(Schedule.spaced("200 millis"), { duration: "30 seconds" })

/**
 * Creates a post. A keyed write is retried until acknowledged, and then repeated once, which must return the same post.
 */
const write = Effect.fnUntraced(function* (target: Target, journal: Journal, isKeyed: boolean) {
  const entry: Entry = { content: randomUUID(), isKeyed, ids: new Set() }
  journal.entries.push(entry)
  const init = jsonBody({ author_name: "soak", content: entry.content })
  const attempt = ask(target, journal, {
    operation: isKeyed ? "write under a key" : "write",
    path: posts,
    init: isKeyed ? { ...init, headers: { ...json, "idempotency-key": entry.content } } : init,
    // 409: the attempt whose response was lost is still in progress.
    expected: isKeyed ? [201, 409] : [201]
  }).pipe(
    Effect.tap((answer) =>
      isAcknowledged(answer)
        ? Effect.map(Effect.orDie(decodeCreated(answer.text)), ({ post }) => entry.ids.add(post.id))
        : Effect.void
    )
  )
  if (!isKeyed) return yield* Effect.asVoid(attempt)
  yield* Effect.repeat(attempt, { while: (answer) => !isAcknowledged(answer), schedule: again })
  yield* attempt
})

/** Runs reads, writes with and without a key, and a limited route until interrupted. */
export const load = (target: Target, journal: Journal): Effect.Effect<void> => {
  const read = (operation: string, path: string, expected: ReadonlyArray<number>) =>
    Effect.asVoid(ask(target, journal, { operation, path, expected }))
  const round = Effect.all(
    [
      read("list", `${posts}?limit=20`, [200]),
      write(target, journal, false),
      read("limited", "/version", [200, 429]),
      write(target, journal, true),
      read("health", "/health", [200])
    ].map((operation) => Effect.delay(operation, rest)),
    { discard: true }
  )
  const worker = Effect.forever(round)
  return Effect.asVoid(
    Effect.all(
      Array.from({ length: workers }, () => worker),
      { concurrency: "unbounded" }
    )
  )
}
