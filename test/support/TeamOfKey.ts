import { Effect, Layer } from "effect"
import { TeamServices } from "../../src/Services.ts"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { ApiKeys } from "../../src/services/ApiKeys.ts"

/** Services of teams, keys and posts over the test's client. */
export const teamServices = TeamServices.pipe(Layer.provide(AppConfig.layerFrom({ TBG_KEY_CACHE_SECONDS: "0" })))

/** Name of the key's team; fails if the service would reject the key. */
export const teamOfKey = (key: string) =>
  Effect.gen(function* () {
    const { authenticate } = yield* ApiKeys
    return (yield* authenticate(key)).team.name
  }).pipe(Effect.provide(teamServices))
