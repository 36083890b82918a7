import { randomUUID } from "node:crypto"
import { Context, Effect, Layer, Redacted } from "effect"
import { ApiKeys } from "../../src/services/ApiKeys.ts"
import { Teams } from "../../src/services/Teams.ts"
import { validSecret } from "../support/ConfigFrom.ts"
import { bearer, jsonBody, short } from "../support/TeamRoutes.ts"
import { testClient } from "../support/TestDatabase.ts"
import { testProcess } from "../support/TestProcess.ts"
import { sqlTeams } from "../support/TestTeams.ts"
import { settings } from "./Fault.ts"
import { DatabaseWay, PostgresServer, RedisWay, role, run } from "./Servers.ts"

/** Response of the service, with its duration. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly elapsedMs: number
}

/** Timeout of a caller: long enough to distinguish a late response from none. */
const patienceMs = 3 * settings.requestTimeoutMs

/** Status 0 means no response, which no fault may cause. */
const ask = (url: string, init: RequestInit = {}): Effect.Effect<Reply> =>
  Effect.suspend(() => {
    const begun = performance.now()
    const elapsed = () => performance.now() - begun
    return Effect.tryPromise(async (signal): Promise<Reply> => {
      const response = await fetch(url, { ...init, signal })
      const text = await response.text()
      return { status: response.status, headers: Object.fromEntries(response.headers), text, elapsedMs: elapsed() }
    }).pipe(
      Effect.timeout(patienceMs),
      Effect.catch((error) =>
        Effect.sync(() => ({ status: 0, headers: {}, text: `no answer: ${error._tag}`, elapsedMs: elapsed() }))
      )
    )
  })

export interface SubjectOptions {
  /** Connection of the service, through the proxies. */
  readonly databaseUrl: string
  readonly redisUrl: string
  /** The same database, past the proxies. */
  readonly directUrl: string
}

const variablesOf = ({ databaseUrl, redisUrl }: SubjectOptions) => ({
  TBG_ENVIRONMENT: "test",
  TBG_DATABASE_URL: databaseUrl,
  TBG_REDIS_URL: redisUrl,
  TBG_SECRET_KEY: validSecret,
  TBG_REQUEST_TIMEOUT_MS: String(settings.requestTimeoutMs),
  TBG_READY_TIMEOUT_MS: String(settings.readyTimeoutMs),
  TBG_RATE_LIMIT_BUDGET_MS: String(settings.limitBudgetMs),
  // High enough to count and never deny.
  TBG_RATE_LIMIT_REQUESTS: "1000000",
  TBG_RATE_LIMIT_KEY_REQUESTS: "1000000"
})

/** Creates a team and a key through the services. */
const newTeam = Effect.fnUntraced(function* (url: string) {
  const services = yield* Layer.build(sqlTeams.pipe(Layer.provide(testClient(Redacted.make(url)))))
  const team = yield* Context.get(services, Teams).create(`t${randomUUID().replaceAll("-", "")}`)
  const { token } = yield* Context.get(services, ApiKeys).create(team, { label: null, expiresAt: null })
  return { name: team.name, token: Redacted.value(token) }
})

const started = Effect.fnUntraced(function* (options: SubjectOptions) {
  const service = yield* testProcess(variablesOf(options))
  const { name, token } = yield* newTeam(options.directUrl)
  const posts = `${service.url}/v1/teams/${name}/posts`
  const headers = bearer(token)
  return {
    output: service.output,
    get: (path: string) => ask(`${service.url}${path}`),
    read: ask(posts, { headers }),
    write: (content: string, key?: string): Effect.Effect<Reply> => {
      const keyed = key === undefined ? {} : { "idempotency-key": key }
      const all = { "content-type": "application/json", ...headers, ...keyed }
      return ask(posts, { ...jsonBody({ ...short, content }), headers: all })
    },
    /** The contents that start with this prefix, once per row. */
    rows: (prefix: string) =>
      Effect.map(run(options.directUrl, `SELECT content FROM tbg_api.posts WHERE content LIKE '${prefix}%'`), (rows) =>
        rows.map(({ content }) => String(content))
      )
  }
})

/** The service under test, in a separate process. */
export class Subject extends Context.Service<Subject, Effect.Success<ReturnType<typeof started>>>()(
  "test/faults/Subject"
) {
  static readonly layerOn = <E, R>(options: Effect.Effect<SubjectOptions, E, R>) =>
    Layer.effect(Subject, Effect.flatMap(options, started))

  /** The service over both servers, through the proxies. */
  static readonly layer = Subject.layerOn(
    Effect.gen(function* () {
      const direct = new URL((yield* PostgresServer).url)
      direct.pathname = `/${role.database}`
      const through = new URL(direct)
      through.port = String((yield* DatabaseWay).port)
      through.username = role.name
      through.password = role.password
      const redisUrl = `redis://127.0.0.1:${(yield* RedisWay).port}`
      return { databaseUrl: through.href, directUrl: direct.href, redisUrl }
    })
  )
}
