import { Effect, Redacted } from "effect"
import { collectGarbage } from "./GarbageCollection.ts"
import { freshRegistry } from "./MetricRegistry.ts"
import { freshDatabase } from "./TestDatabase.ts"
import { testServer } from "./TestServer.ts"
import { throwawayRedis } from "./ThrowawayRedis.ts"

/** Metrics of the whole service after every kind of event. */
export const scrapedMetrics = Effect.gen(function* () {
  const { url } = yield* freshDatabase
  const redis = yield* throwawayRedis()
  const service = yield* testServer({
    TBG_DATABASE_URL: Redacted.value(url),
    TBG_REDIS_URL: redis.url,
    TBG_RATE_LIMIT_REQUESTS: "2",
    // Nothing listens there.
    TBG_OTLP_ENDPOINT: "http://127.0.0.1:1"
  })
  const textOf = (path: string) => Effect.promise(async () => (await fetch(`${service}${path}`)).text())
  const paths = ["/ready", "/version", "/version", "/version"]
  yield* Effect.forEach(paths, textOf)
  // A warm worker may collect nothing in this time.
  yield* collectGarbage
  yield* redis.stop
  yield* textOf("/nothing")
  return yield* textOf("/metrics")
}).pipe(freshRegistry)
