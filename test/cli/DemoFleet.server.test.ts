import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule, Schema } from "effect"
import { join } from "node:path"
import { temporaryFolder } from "../support/EmbeddedFolder.ts"
import { get } from "../support/Http.ts"
import { testProcess } from "../support/TestProcess.ts"
import type { TestProcess } from "../support/TestProcess.ts"

const Pool = Schema.Struct({
  miners: Schema.Struct({ active: Schema.Int, total: Schema.Int }),
  shares: Schema.Struct({ total: Schema.Int }),
  blocks_found: Schema.Int,
  network: Schema.NullOr(Schema.Struct({ height: Schema.Int }))
})
const decodeHealth = Schema.decodeUnknownEffect(
  Schema.Struct({ status: Schema.String, leader: Schema.Boolean, quarantined: Schema.Int, refills: Schema.Int })
)
const decodePool = Schema.decodeUnknownEffect(Pool)

const poolOf = ({ url }: TestProcess) => Effect.flatMap(get(`${url}/api/v1/pool`), ({ body }) => decodePool(body))

const poll = Schedule.spaced("100 millis")

const untilPrinted = ({ output }: TestProcess, text: string) =>
  Effect.repeat(output, { until: (printed) => printed.includes(text), schedule: poll }).pipe(
    Effect.timeout("60 seconds")
  )

const untilMoreThan = (service: TestProcess, shares: number) =>
  Effect.repeat(poolOf(service), { until: ({ shares: { total } }) => total > shares, schedule: poll }).pipe(
    Effect.timeout("60 seconds")
  )

/** Stops the service and returns the last line of its log. */
const stop = Effect.fnUntraced(function* (service: TestProcess) {
  yield* service.signal("SIGTERM")
  assert.deepStrictEqual(yield* service.exit, { code: 0, signal: null })
  return (yield* service.output).trimEnd().split("\n").at(-1)
})

const historyLine = "demo history written"

describe("the fleet of tbg serve --demo", () => {
  it.live(
    "has a day of history and continues to mine after a restart, which adds no second history",
    () =>
      Effect.gen(function* () {
        const variables = {
          TBG_ENVIRONMENT: "test",
          TBG_RATE_LIMIT_MODE: "off",
          TBG_DATABASE_URL: `embedded:${join(yield* temporaryFolder, "data")}`
        }
        const demo = testProcess(variables, { args: ["serve", "--demo"] })

        const first = yield* demo
        const printed = yield* untilPrinted(first, historyLine)
        const history = yield* poolOf(first)
        assert.deepStrictEqual(history.miners, { active: 20, total: 20 })
        assert.isAbove(history.shares.total, 60_000)
        assert.isAbove(history.blocks_found, 0)
        assert.isAbove(history.network?.height ?? 0, 250_100)
        const [, miner = ""] = /^Miner: (\S+\/api\/v1\/miners\/tb1\S+)$/m.exec(printed) ?? []
        assert.strictEqual((yield* get(miner)).status, 200)
        assert.include(printed, `\nPool: ${first.url}/api/v1/pool\n`)
        const live = yield* untilMoreThan(first, history.shares.total)
        const { body } = yield* get(`${first.url}/health/mining`)
        assert.deepInclude(yield* decodeHealth(body), { status: "ok", leader: true, quarantined: 0 })
        assert.include(yield* stop(first), '"message":"stopped","drained":0')

        const second = yield* demo
        const more = yield* untilMoreThan(second, live.shares.total)
        assert.isBelow(more.shares.total, live.shares.total + 1000)
        assert.strictEqual(more.miners.total, 20)
        assert.notInclude(yield* second.output, historyLine)
        assert.include(yield* stop(second), '"message":"stopped","drained":0')
      }),
    { timeout: 240_000 }
  )
})
