import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { openApiDocument } from "../http/docs/OpenApiDocument.ts"
import { AppConfig } from "../layers/AppConfig.ts"

const surface = Flag.Literals("surface", ["all", "v1"]).pipe(
  Flag.withDescription("All endpoints, or those under /v1"),
  Flag.withDefault("all")
)

export const OpenApi = Command.make("openapi", { surface }, (flags) =>
  Effect.gen(function* () {
    const { appVersion, projectName } = yield* AppConfig
    const document = openApiDocument(flags.surface, { title: projectName, version: appVersion })
    yield* Console.log(JSON.stringify(document, undefined, 2))
  }).pipe(Effect.provide(AppConfig.layer))
).pipe(Command.withDescription("Print the OpenAPI 3.1 document"))
