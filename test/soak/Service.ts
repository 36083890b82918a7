import { Effect, Redacted, Schema } from "effect"
import { DatabaseWay, PostgresServer, RedisWay, role, run } from "../faults/Servers.ts"
import { validSecret } from "../support/ConfigFrom.ts"
import { teamsIn } from "../support/TeamServer.ts"
import { testProcess } from "../support/TestProcess.ts"
import { StoredPosts } from "./Journal.ts"

/** Limits that the run is checked against. */
export const settings = { requestTimeoutMs: 3000, poolMax: 5 }

const decodePosts = Schema.decodeUnknownEffect(StoredPosts)

/** The service over both servers, each behind a fault proxy, and the final rows of the database. */
export const service = Effect.gen(function* () {
  const postgres = yield* PostgresServer
  const [database, redis] = [yield* DatabaseWay, yield* RedisWay]
  const address = (port: number, login: string) => `postgresql://${login}@127.0.0.1:${port}/${role.database}`
  const { pid, url } = yield* testProcess({
    TBG_ENVIRONMENT: "test",
    TBG_DATABASE_URL: address(database.port, `${role.name}:${role.password}`),
    TBG_DATABASE_POOL_MAX: String(settings.poolMax),
    TBG_REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    TBG_SECRET_KEY: validSecret,
    TBG_REQUEST_TIMEOUT_MS: String(settings.requestTimeoutMs),
    TBG_RATE_LIMIT_KEY_REQUESTS: "1000000",
    // Requests that a limited route denies are part of the load.
    TBG_RATE_LIMIT_REQUESTS: "200"
  })
  const direct = address(postgres.port, `${postgres.user}:${postgres.password}`)
  const { alpha } = yield* teamsIn(Redacted.make(direct))
  return {
    pid,
    target: { url, token: alpha.token },
    stored: Effect.orDie(Effect.flatMap(run(direct, "SELECT id::text, content FROM tbg_api.posts"), decodePosts))
  }
})
