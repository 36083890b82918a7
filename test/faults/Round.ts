import { randomUUID } from "node:crypto"
import { Effect, Option, Schema } from "effect"
import { Checks } from "../../src/domain/Health.ts"
import type { Check } from "../../src/domain/Health.ts"
import { errorPagePath, failures } from "../../src/http/ErrorCodes.ts"
import { bounds, busyMs, settings } from "./Fault.ts"
import type { Expected } from "./Fault.ts"
import { role } from "./Servers.ts"
import { Subject } from "./Subject.ts"
import type { Reply } from "./Subject.ts"

/** A post that was sent, and the status of its response. */
export interface Write {
  readonly content: string
  readonly key: string | undefined
  readonly status: number
}

/** One concurrent request to each surface. */
export const round = Effect.fnUntraced(function* (prefix: string) {
  const { get, read, write } = yield* Subject
  const plain = `${prefix}${randomUUID()}`
  const keyed = `${prefix}${randomUUID()}`
  const replies = yield* Effect.all(
    {
      health: get("/health"),
      ready: get("/ready"),
      read,
      write: write(plain),
      keyedWrite: write(keyed, keyed),
      limited: get("/version")
    },
    { concurrency: "unbounded" }
  )
  const writes: ReadonlyArray<Write> = [
    { content: plain, key: undefined, status: replies.write.status },
    { content: keyed, key: keyed, status: replies.keyedWrite.status }
  ]
  return { replies, writes }
})
export type Round = Effect.Success<ReturnType<typeof round>>

/** A request may take a twentieth longer than its deadline. */
const allowanceMs = settings.requestTimeoutMs / 20 + busyMs

const Ready = Schema.fromJsonString(Schema.Struct({ status: Schema.String, checks: Checks }))
const readyIn = Schema.decodeUnknownOption(Ready)

/** Bodies of a 503 with this request id, outside /v1 and under it (contract section 4). */
const bodiesOf = (request_id: string | undefined): ReadonlyArray<string> =>
  (["SERVICE_UNAVAILABLE", "OVERLOADED"] as const).flatMap((code) => {
    const { detail } = failures[code]
    const details = { request_id, doc_url: errorPagePath(code) }
    return [JSON.stringify({ detail }), JSON.stringify({ error: detail, code, details })]
  })

const secrets = [...Object.values(role), "127.0.0.1:", "ECONN", "pg_", "    at "]

/** Problems of one response that do not depend on the fault. */
const problemsOfReply = (name: string, { headers, status, text }: Reply): ReadonlyArray<string> => {
  const leaked = secrets.filter((secret) => `${text}${JSON.stringify(headers)}`.includes(secret))
  const isOurs = name === "ready" || status < 500
  return [
    ...leaked.map((secret) => `${name} reveals ${secret}`),
    ...(isOurs || bodiesOf(headers["x-request-id"]).includes(text) ? [] : [`${name} returns ${text}`]),
    ...(isOurs || /^[1-9]\d*$/.test(headers["retry-after"] ?? "") ? [] : [`${name} has no Retry-After`])
  ]
}

/** Contract section 2. */
export const readyStatusOf = (database: Check): 200 | 503 =>
  ["ok", "error: read_only", "error: full"].includes(database) ? 200 : 503

const problemsOfReady = ({ status, text }: Reply, { database, redis }: Expected): ReadonlyArray<string> => {
  const found = Option.getOrUndefined(readyIn(text))
  if (found === undefined) return [`ready says ${text}`]
  const { checks } = found
  const isOk = checks.database === "ok" && checks.redis === "ok"
  return [
    ...(database.includes(checks.database) ? [] : [`ready says of the database: ${checks.database}`]),
    ...(redis.includes(checks.redis) ? [] : [`ready says of redis: ${checks.redis}`]),
    ...(status === readyStatusOf(checks.database) ? [] : [`ready is ${status}: ${text}`]),
    ...(found.status === (isOk ? "ready" : "degraded") ? [] : [`ready says ${text}`])
  ]
}

/** Differences from the expected responses, as text. */
export const problemsOf = ({ replies }: Round, expected: Expected): ReadonlyArray<string> => {
  const { limited, read, write } = expected
  const prompt = { statuses: [200], within: "prompt" } as const
  const answers = { health: prompt, limited, read, write, keyedWrite: write }
  const wanted = [
    ...Object.entries(answers).map(([name, { statuses, within }]) => ({ name, statuses, ms: bounds[within].ms })),
    { name: "ready", statuses: [200, 503], ms: settings.readyTimeoutMs }
  ]
  const found: Readonly<Record<string, Reply>> = replies
  return [
    ...problemsOfReady(replies.ready, expected),
    ...wanted.flatMap(({ ms, name, statuses }) => {
      const reply = found[name]
      if (reply === undefined) return [`${name} was not asked`]
      const isExpected = statuses.some((status) => status === reply.status)
      return [
        ...(isExpected ? [] : [`${name} is ${reply.status}: ${reply.text}`]),
        ...(reply.elapsedMs <= ms + allowanceMs ? [] : [`${name} took ${Math.round(reply.elapsedMs)} ms`]),
        ...problemsOfReply(name, reply)
      ]
    })
  ]
}
