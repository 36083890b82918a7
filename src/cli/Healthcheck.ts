import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { FetchHttpClient, HttpClient } from "effect/http"
import { AppConfig } from "../layers/AppConfig.ts"
import { Ended } from "./Ended.ts"

const url = Flag.String("url").pipe(
  Flag.withDescription("What to ask; by default /health on TBG_PORT of this host"),
  Flag.optional
)

/** Shorter than the time that Docker and Compose give a health check. */
const deadline = "4 seconds"

const ownUrl = Effect.map(AppConfig, ({ http }) => `http://127.0.0.1:${http.port}/health`).pipe(
  Effect.provide(AppConfig.layer)
)

const ask = (target: string) =>
  HttpClient.get(target).pipe(
    Effect.map((response) => (response.status === 200 ? undefined : `status ${response.status}`)),
    Effect.catch(() => Effect.succeed("no connection")),
    Effect.timeoutOrElse({ duration: deadline, orElse: () => Effect.succeed("no answer in time") }),
    Effect.provide(FetchHttpClient.layer)
  )

export const Healthcheck = Command.make("healthcheck", { url }, (flags) =>
  Effect.gen(function* () {
    const target = Option.isSome(flags.url) ? flags.url.value : yield* ownUrl
    const problem = yield* ask(target)
    if (problem === undefined) return yield* Console.log("healthy")
    yield* Console.error(`unhealthy: ${problem}`)
    return yield* new Ended({ code: 1 })
  })
).pipe(Command.withDescription("Ask a running service whether it is alive: exit code 0 or 1"))
