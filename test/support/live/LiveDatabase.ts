import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import type { OutboxEvent } from "../../../src/domain/live/LiveEvent.ts"
import { signInServices } from "../../../src/services/auth/SignInServices.ts"
import { Ids } from "../../../src/services/Ids.ts"
import { LiveHub } from "../../../src/services/live/LiveHub.ts"
import { liveServices } from "../../../src/services/live/LiveServices.ts"
import { Outbox } from "../../../src/services/live/Outbox.ts"
import { miningServices } from "../../../src/services/mining/MiningServices.ts"
import { MiningStatus } from "../../../src/services/mining/MiningStatus.ts"
import { secretsOf } from "../MigratedServices.ts"
import { miningDatabase } from "../mining/MiningDatabase.ts"
import { databaseAt } from "../TestDatabaseLayer.ts"
import { memoryTeams } from "../TestTeams.ts"

const signIn = { publicUrl: "https://game.example", network: "mainnet", acceptBip137: true, cacheSeconds: 0 } as const

/** The hub of a process, with real accounts, over a database of its own. */
export const liveHub = LiveHub.layer().pipe(
  Layer.provide(Outbox.layer),
  Layer.provideMerge(liveServices),
  Layer.provideMerge(miningServices({ network: "mainnet", isPublic: true, boardsEvery: "250 millis" })),
  Layer.provideMerge([MiningStatus.layer(Effect.succeed(true)), memoryTeams]),
  Layer.provideMerge(
    signInServices(signIn).pipe(
      Layer.provide(Layer.merge(Ids.layer, secretsOf("the secret of these tests, 32 or more")))
    )
  ),
  Layer.provideMerge(Layer.unwrap(Effect.map(miningDatabase, ({ url }) => databaseAt(Redacted.value(url)))))
)

/** Commits events as the projection does. */
export const commitEvents = Effect.fnUntraced(function* (events: ReadonlyArray<OutboxEvent>) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`
    WITH state AS (UPDATE tbg_api.mining_state SET outbox = outbox + ${events.length} RETURNING outbox)
    INSERT INTO tbg_api.mining_outbox (last, first, at, events)
    SELECT outbox, outbox - ${events.length} + 1, clock_timestamp(), ${JSON.stringify(events)} FROM state`
})
