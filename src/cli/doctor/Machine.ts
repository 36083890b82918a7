import { Effect, FileSystem, Option, Predicate, Schema } from "effect"
import { FetchHttpClient, HttpClient, HttpClientResponse } from "effect/http"
import { createServer } from "node:net"
import { AppConfig } from "../../layers/AppConfig.ts"
import { failed, ok, skipped, warning } from "./Check.ts"
import type { Check, Finding } from "./Check.ts"

/** Why there is no listening there: the system's code, such as `EADDRINUSE`; `undefined` where there is. */
const listens = (host: string, port: number) =>
  Effect.callback<string | undefined>((resume) => {
    const server = createServer()
    server.once("error", (cause) =>
      resume(Effect.succeed(Predicate.hasProperty(cause, "code") ? String(cause.code) : "unknown"))
    )
    server.listen(port, host, () => server.close(() => resume(Effect.undefined)))
  })

const Running = Schema.Struct({
  status: Schema.Literal("healthy"),
  version: Schema.String,
  uptime_seconds: Schema.Finite
})

/** Our own service, where it is that which answers on the port. */
const runningOn = (host: string, port: number) => {
  const target = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host
  const authority = target.includes(":") ? `[${target}]:${port}` : `${target}:${port}`
  return HttpClient.get(`http://${authority}/api/v1/public/health`).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Running)),
    Effect.timeout("2 seconds"),
    Effect.option,
    Effect.provide(FetchHttpClient.layer)
  )
}

const otherPort = "stop it, or set TBG_PORT to another port"

const portFinding = (code: string, words: string): Finding => {
  if (code === "EACCES") return failed(`${words} is not permitted`, "set TBG_PORT to 1024 or more")
  if (code === "EADDRNOTAVAIL") return failed(`${words}: this machine has no such address`, "set TBG_HOST to 0.0.0.0")
  return failed(`${words} cannot be used (${code})`, otherPort)
}

export const port: Check<AppConfig> = {
  name: "port",
  look: Effect.gen(function* () {
    const { host, port } = (yield* AppConfig).http
    const words = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
    const code = yield* listens(host, port)
    if (code === undefined) return ok(port === 0 ? "any that is free" : `${words} is free`)
    if (code !== "EADDRINUSE") return portFinding(code, words)
    const running = yield* runningOn(host, port)
    if (Option.isNone(running)) return failed(`${words} is in use by another program`, otherPort)
    const { uptime_seconds, version } = running.value
    return ok(`${words}: this service is running there, version ${version}, for ${Math.round(uptime_seconds)} s`)
  })
}

/** Networks as wide as that are most of the world. */
const bitsOfTheWorld = 7

export const proxiesFinding = (trusted: ReadonlyArray<string>): Finding => {
  const wide = trusted.filter((network) => Number(network.split("/")[1] ?? 128) <= bitsOfTheWorld)
  if (wide.length > 0) {
    return warning(
      `${wide.join(", ")}: whoever sends X-Forwarded-For chooses the address that is limited`,
      "set TBG_TRUSTED_PROXIES to the addresses of your proxies alone"
    )
  }
  return ok(
    trusted.length === 0
      ? "none: X-Forwarded-For is ignored; behind a proxy all clients would share one rate limit"
      : `${trusted.join(", ")}; the X-Forwarded-For of others does not count`
  )
}

export const proxies: Check<AppConfig> = {
  name: "trusted proxies",
  look: Effect.map(AppConfig, ({ http }) => proxiesFinding(http.trustedProxies))
}

/** What is open beside the connections of requests and the sessions of the pool. */
const otherFiles = 64

export const filesFinding = (limits: string, wanted: number): Finding => {
  const most = /^Max open files +(\d+)/m.exec(limits)?.[1]
  if (most === undefined) return skipped("the system does not tell")
  const words = `limit ${most}; about ${wanted} needed at full load`
  return Number(most) >= wanted ? ok(words) : warning(words, `raise the limit: ulimit -n ${wanted}`)
}

export const files: Check<AppConfig | FileSystem.FileSystem> = {
  name: "file descriptors",
  look: Effect.gen(function* () {
    const { database, http } = yield* AppConfig
    const { readFileString } = yield* FileSystem.FileSystem
    // Linux alone has it; elsewhere it is not known.
    const limits = yield* Effect.orElseSucceed(readFileString("/proc/self/limits"), () => "")
    return filesFinding(limits, http.maxInFlight + database.poolMax + otherFiles)
  })
}
