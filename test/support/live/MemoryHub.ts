import { Context, Effect, Layer, Redacted, Ref } from "effect"
import { Cursors } from "../../../src/services/Cursors.ts"
import { LiveHub } from "../../../src/services/live/LiveHub.ts"
import type { HubOptions } from "../../../src/services/live/Hub.ts"
import { LiveSummaries } from "../../../src/services/live/LiveSummaries.ts"
import { MinerVisibility } from "../../../src/services/mining/MinerVisibility.ts"
import { Secrets } from "../../../src/services/Secrets.ts"
import type { LiveWorld } from "./LiveWorld.ts"

/** Cursors under a secret that all processes of a test share. */
export const testCursors = Cursors.layer.pipe(
  Layer.provide(Secrets.layer({ current: Redacted.make("s".repeat(32)), previous: undefined }))
)

const mining = {
  type: "summary",
  topic: "mining",
  state: { status: "ok", as_of: "2026-12-01T00:00:00.000000Z", lag_ms: 0 }
} as const

/** A board without entries, whose total is the version. The whole part of the version stands for the first entries. */
const boardEvents = (version: Ref.Ref<string>) =>
  Effect.map(Ref.get(version), (total) => [
    { type: "board" as const, board: "work" as const, week: "2026-W49", entries: [], total: Number(total) }
  ])

/** The hub of one process over an outbox in memory. Its scope is the life of the process. */
export const memoryProcess = Effect.fnUntraced(function* (
  world: LiveWorld,
  options: Partial<HubOptions> = {},
  hidden: Ref.Ref<ReadonlySet<string>> = Ref.makeUnsafe<ReadonlySet<string>>(new Set()),
  boards: Ref.Ref<string> = Ref.makeUnsafe("1")
) {
  const hiddenOf = (addresses: ReadonlyArray<string>) =>
    Effect.map(Ref.get(hidden), (all) => new Set(addresses.filter((address) => all.has(address))))
  const services = Layer.mergeAll(
    world.outbox,
    testCursors,
    Layer.succeed(LiveSummaries, {
      boardVersion: Ref.get(boards),
      boardLeaders: Effect.map(Ref.get(boards), (version) => ({
        difficulty: "",
        work: version.split(".")[0] ?? "",
        luck: ""
      })),
      of: (topic) => (topic === "board:work" ? boardEvents(boards) : Effect.succeed(topic === "mining" ? [mining] : []))
    }),
    Layer.succeed(MinerVisibility, {
      hiddenOf,
      canSee: (address) => Effect.map(hiddenOf([address]), ({ size }) => size === 0)
    })
  )
  return Context.get(yield* Layer.build(LiveHub.layer(options).pipe(Layer.provide(services))), LiveHub)
})
