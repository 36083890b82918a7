import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue } from "effect"
import type { LiveUpdate } from "../../clients/typescript/src/index.ts"
import { live } from "../../clients/typescript/src/promise.ts"
import { httpStub, json } from "../support/HttpStub.ts"

const event = (id: string) => `id: ${id}\nevent: gap\ndata: {"type":"gap","dropped":1}\n\n`

/** A service with a snapshot and a stream of one event that stays open. */
const service = Effect.gen(function* () {
  const stub = yield* httpStub(json({ state: {}, cursor: "c0" }))
  return {
    url: stub.url,
    streams: () =>
      stub.responds(
        (response) => void response.writeHead(200, { "content-type": "text/event-stream" }).write(event("c1"))
      ),
    /** Waits until the connection of the next request is closed. */
    closed: Effect.flatMap(Queue.take(stub.arrived), ({ socket }) =>
      Effect.callback<void>((resume) => {
        const end = () => resume(Effect.void)
        return socket.destroyed ? end() : void socket.once("close", end)
      })
    ),
    arrived: stub.arrived
  }
})

/** Types of the updates, until one is a gap; calls a function after each. */
const typesOf = (updates: AsyncIterable<LiveUpdate>, afterEach: (type: string) => "break" | void) =>
  Effect.promise(async () => {
    const types: Array<string> = []
    for await (const { type } of updates) {
      types.push(type)
      if (afterEach(type) === "break") break
    }
    return types
  })

describe("live updates with promises", () => {
  it.live("close the connection when the loop ends", () =>
    Effect.gen(function* () {
      const { arrived, closed, streams, url } = yield* service
      const types = yield* typesOf(live({ baseUrl: url }, ["pool"]), (type) => {
        streams()
        return type === "gap" ? "break" : undefined
      })
      assert.deepStrictEqual(types, ["snapshot", "gap"])
      yield* Queue.take(arrived)
      yield* closed
    })
  )

  it.live("end when the signal is aborted", () =>
    Effect.gen(function* () {
      const { arrived, closed, streams, url } = yield* service
      const abort = new AbortController()
      const types = yield* typesOf(live({ baseUrl: url }, ["pool"], { signal: abort.signal }), (type) => {
        streams()
        if (type === "gap") setImmediate(() => abort.abort())
      })
      assert.deepStrictEqual(types, ["snapshot", "gap"])
      yield* Queue.take(arrived)
      yield* closed
    })
  )

  it.live("send no request if the signal is already aborted", () =>
    Effect.gen(function* () {
      const { arrived, url } = yield* service
      const updates = live({ baseUrl: url }, ["pool"], { signal: AbortSignal.abort() })
      assert.deepStrictEqual(yield* typesOf(updates, () => {}), [])
      assert.strictEqual(yield* Queue.size(arrived), 0)
    })
  )
})
