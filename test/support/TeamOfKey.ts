import { Effect, Layer } from "effect"
import { TeamServices } from "../../src/App.ts"
import { AppConfig } from "../../src/layers/AppConfig.ts"
import { ApiKeys } from "../../src/services/ApiKeys.ts"

/** Teams, keys and posts as the service has them, over the client of a test. */
export const teamServices = TeamServices.pipe(Layer.provide(AppConfig.layerFrom({ TBG_KEY_CACHE_SECONDS: "0" })))

/** The name of the team whose key it is; fails where the service would refuse it. */
export const teamOfKey = (key: string) =>
  Effect.gen(function* () {
    const { authenticate } = yield* ApiKeys
    return (yield* authenticate(key)).team.name
  }).pipe(Effect.provide(teamServices))
