import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { get as getOverHttp } from "node:http"
import type { RequestOptions } from "node:http"
import { get as getOverHttps } from "node:https"
import { urlToHttpOptions } from "node:url"
import { AppConfig } from "../layers/AppConfig.ts"
import { ExitWith } from "./CommandParts.ts"

const url = Flag.String("url").pipe(
  Flag.withDescription("URL to check; by default /health on TBG_HOST and TBG_PORT"),
  Flag.optional
)

/** Shorter than the timeout of the health check in Docker and Compose. */
const deadline = "4 seconds"

/** Returns an address to connect to, because the service may listen on a wildcard address. */
export const connectableHost = (host: string): string => {
  if (/^[0.]+$/.test(host)) return "127.0.0.1"
  return /^[0:.]+$/.test(host) ? "::1" : host
}

/** Joins host and port as in a URL, with brackets around an IPv6 address. */
export const authorityOf = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`

const ownTarget = Effect.map(AppConfig, ({ http: { host, port } }): RequestOptions => ({
  host: connectableHost(host),
  port,
  path: "/health"
})).pipe(Effect.provide(AppConfig.layer))

/**
 * Returns why a target is unhealthy, or `undefined`. Uses a new agent, because the global one uses a proxy if
 * `NODE_USE_ENV_PROXY` is set.
 */
const problemOf = (target: RequestOptions) =>
  Effect.callback<string | undefined>((resume, signal) => {
    const get = target.protocol === "https:" ? getOverHttps : getOverHttp
    get({ ...target, agent: false, signal }, (response) => {
      response.resume()
      resume(Effect.succeed(response.statusCode === 200 ? undefined : `status ${response.statusCode}`))
    }).on("error", () => resume(Effect.succeed("no connection")))
  }).pipe(Effect.timeoutOrElse({ duration: deadline, orElse: () => Effect.succeed("no response in time") }))

const problemOfUrl = (text: string) => {
  const parsed = URL.parse(text)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return Effect.succeed("not an http:// or https:// URL")
  return problemOf(urlToHttpOptions(parsed))
}

export const Healthcheck = Command.make("healthcheck", { url }, (flags) =>
  Effect.gen(function* () {
    const problem = yield* Option.isSome(flags.url)
      ? problemOfUrl(flags.url.value)
      : Effect.flatMap(ownTarget, problemOf)
    if (problem === undefined) return yield* Console.log("healthy")
    yield* Console.error(`unhealthy: ${problem}`)
    return yield* new ExitWith({ code: 1 })
  })
).pipe(Command.withDescription("Check whether a running service is alive; exit code 0 or 1"))
