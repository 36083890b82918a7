import { Config, Effect, Option } from "effect"
import { beforeEach } from "vitest"
import { freshDatabaseOn, testClient } from "./TestDatabase.ts"
import { run } from "./TestMigrations.ts"

const server = Effect.runSync(Config.option(Config.String("TBG_TEST_TIMESCALE_URL")))

/** Skips the tests of a file, with the reason, if no server has TimescaleDB. */
export const skipWithoutTimescale = () =>
  beforeEach((context) => context.skip(Option.isNone(server), "TimescaleDB: TBG_TEST_TIMESCALE_URL is not set"))

/** Runs `effect` with a client of a separate database that contains only the extension. */
export const onTimescale = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { url } = yield* freshDatabaseOn(Option.getOrThrow(server))
    yield* Effect.provide(run("CREATE EXTENSION IF NOT EXISTS timescaledb"), testClient(url))
    return yield* Effect.provide(effect, testClient(url))
  })
