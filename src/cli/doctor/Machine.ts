import { Effect, FileSystem, Option, Predicate, Schema } from "effect"
import { FetchHttpClient, HttpClient, HttpClientResponse } from "effect/http"
import { createServer } from "node:net"
import { AppConfig } from "../../layers/AppConfig.ts"
import { authorityOf, connectableHost } from "../Healthcheck.ts"
import { failed, ok, skipped, warning } from "./Check.ts"
import type { Finding } from "./Check.ts"

/** Tries to listen. Returns the system's error code, such as `EADDRINUSE`, or `undefined` on success. */
const tryListen = (host: string, port: number) =>
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

/** Returns the health of an instance of this service that listens on the port. */
const runningOn = (host: string, port: number) => {
  // `::` also accepts IPv4, and the machine may have no IPv6.
  const target = host === "::" ? "127.0.0.1" : connectableHost(host)
  return HttpClient.get(`http://${authorityOf(target, port)}/api/v1/public/health`).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Running)),
    Effect.timeout("2 seconds"),
    Effect.option,
    Effect.provide(FetchHttpClient.layer)
  )
}

const freePortFix = "stop it, or set TBG_PORT to another port"

const portFinding = (code: string, words: string): Finding => {
  if (code === "EACCES") return failed(`${words} is not permitted`, "set TBG_PORT to 1024 or more")
  if (code === "EADDRNOTAVAIL") return failed(`${words}: this machine has no such address`, "set TBG_HOST to 0.0.0.0")
  return failed(`${words} cannot be used (${code})`, freePortFix)
}

export const port = Effect.gen(function* () {
  const { host, port } = (yield* AppConfig).http
  const words = authorityOf(host, port)
  const code = yield* tryListen(host, port)
  if (code === undefined) return ok(port === 0 ? "any free port" : `${words} is free`)
  if (code !== "EADDRINUSE") return portFinding(code, words)
  const running = yield* runningOn(host, port)
  if (Option.isNone(running)) return failed(`${words} is in use by another program`, freePortFix)
  const { uptime_seconds, version } = running.value
  return ok(`${words}: this service is running there, version ${version}, up for ${Math.round(uptime_seconds)} s`)
})

/** Longest prefix of networks that contain a large part of the Internet. */
const widePrefix = 7

export const proxiesFinding = (trusted: ReadonlyArray<string>): Finding => {
  const wide = trusted.filter((network) => Number(network.split("/")[1] ?? 128) <= widePrefix)
  if (wide.length > 0) {
    return warning(
      `${wide.join(", ")}: nearly any client can choose the address that rate limits apply to`,
      "set TBG_TRUSTED_PROXIES to the addresses of your proxies only"
    )
  }
  return ok(
    trusted.length === 0
      ? "none; behind a proxy, all clients would share one rate limit"
      : `${trusted.join(", ")}; address headers from other peers are ignored`
  )
}

export const proxies = Effect.map(AppConfig, ({ http }) => proxiesFinding(http.trustedProxies))

/** Open files other than connections of callers and of the pool. */
const otherFiles = 64

export const filesFinding = (limits: string, needed: number): Finding => {
  const limit = /^Max open files +(\d+)/m.exec(limits)?.[1]
  if (limit === undefined) return skipped("the system does not report its limit")
  const words = `limit ${limit}; about ${needed} needed at full load`
  return Number(limit) >= needed ? ok(words) : warning(words, `raise the limit: ulimit -n ${needed}`)
}

export const files = Effect.gen(function* () {
  const { database, http } = yield* AppConfig
  const { readFileString } = yield* FileSystem.FileSystem
  // Only Linux has this file.
  const limits = yield* Effect.orElseSucceed(readFileString("/proc/self/limits"), () => "")
  return filesFinding(limits, http.maxInFlight + database.poolMax + otherFiles)
})
