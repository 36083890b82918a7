import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Scope } from "effect"
import { TestClock } from "effect/testing"
import { ServerResponse } from "node:http"
import { Socket } from "node:net"
import { makeGate } from "../../src/http/Gate.ts"
import { Arrival } from "../../src/http/gate/Arrival.ts"
import { leastBegun } from "../../src/http/gate/Capacity.ts"
import { endOfTurn } from "../support/EndOfTurn.ts"
import { freshRegistry } from "../support/FreshRegistry.ts"
import { inFlight, waitingToBegin } from "../support/InFlight.ts"

const requestTimeoutMs = 1000

/** A gate, what became of the requests at it, and how to send it one; `/at-once` ends as it begins. */
const gateOf = Effect.fnUntraced(function* (maxInFlight: number) {
  const happened: Array<string> = []
  let isListening = true
  const { answerAll, arrive, service } = yield* makeGate({ maxInFlight, maxDelayMs: 0, requestTimeoutMs })
  const send = (url: string, { ageMs = 0, body = 0, method = "GET" } = {}): ServerResponse => {
    const request = Object.assign(new Arrival(new Socket()), {
      url,
      method,
      headers: { "content-length": String(body) },
      arrivedAt: performance.now() - ageMs
    })
    const response = new ServerResponse(request)
    const begin = () => {
      if (isListening) happened.push(`${url} ${request.fate ?? "begun"}`)
      if (isListening && url === "/at-once") service.ended(true)
      return isListening
    }
    arrive({ request, response, begin })
    return response
  }
  return { ...service, answerAll, happened, send, listen: (is: boolean) => void (isListening = is) }
})

/** One where as many have begun as may. */
const fullGate = Effect.fnUntraced(function* (maxInFlight = 1000) {
  const gate = yield* gateOf(maxInFlight)
  for (let count = 0; count < Math.min(leastBegun, maxInFlight); count++) gate.send("/first")
  gate.happened.length = 0
  return gate
})

/** A test in the scope of its gate, with gauges of its own. */
const itAtGate = <E>(name: string, test: () => Effect.gen.Return<void, E, Scope.Scope>) =>
  it.effect(name, () => Effect.gen(test).pipe(Effect.scoped, freshRegistry))

describe("a request at the gate", () => {
  itAtGate("waits while many are at work, and begins when one has ended, first come first", function* () {
    const { ended, happened, send } = yield* fullGate()
    for (const path of ["/a", "/b", "/c"]) send(path)
    assert.deepStrictEqual(happened, [])
    assert.deepStrictEqual([yield* inFlight, yield* waitingToBegin], [[leastBegun + 3], [3]])
    ended(true)
    ended(false)
    yield* endOfTurn
    assert.deepStrictEqual(happened, ["/a begun", "/b begun"])
    assert.deepStrictEqual([yield* inFlight, yield* waitingToBegin], [[leastBegun + 1], [1]])
  })

  itAtGate("waits behind those that came before, also while one of them may begin", function* () {
    const { ended, happened, send } = yield* fullGate()
    send("/before")
    ended(true)
    send("/after")
    yield* endOfTurn
    assert.deepStrictEqual(happened, ["/before begun"])
  })

  itAtGate("begins in a turn with no more than there is room for, also where they end as they begin", function* () {
    const { ended, happened, send } = yield* fullGate()
    // The gate's first look, which lets in as well.
    yield* endOfTurn
    for (let count = 0; count <= leastBegun; count++) send("/at-once")
    ended(true)
    yield* endOfTurn
    assert.strictEqual(happened.length, leastBegun)
    yield* endOfTurn
    assert.strictEqual(happened.length, leastBegun + 1)
    assert.deepStrictEqual([yield* inFlight, yield* waitingToBegin], [[leastBegun - 1], [0]])
  })

  itAtGate("goes past those that wait where it is of the lane", function* () {
    const { exempt, happened, send } = yield* fullGate(leastBegun + 1)
    send("/waits")
    exempt(({ url }) => url === "/ready")
    for (const path of ["/ready", "/a"]) send(path)
    yield* endOfTurn
    assert.deepStrictEqual(happened, ["/ready begun", "/a refused"])
  })

  itAtGate("is refused at the end of the turn, once as many are at work or wait as may be in flight", function* () {
    const { ended, happened, send } = yield* fullGate(leastBegun + 1)
    for (const path of ["/waits", "/refused"]) send(path)
    assert.deepStrictEqual(happened, [])
    // It takes no place, not even while its refusal is on its way.
    assert.deepStrictEqual(yield* inFlight, [leastBegun + 1])
    yield* endOfTurn
    assert.deepStrictEqual(happened, ["/refused refused"])
    assert.deepStrictEqual(yield* inFlight, [leastBegun + 1])
    ended(true)
    yield* endOfTurn
    assert.deepStrictEqual(happened, ["/refused refused", "/waits begun"])
  })

  itAtGate("is refused as soon as it comes where it has a body, which would have to be kept", function* () {
    const { happened, send } = yield* fullGate(leastBegun)
    send("/body", { body: 5, method: "POST" })
    assert.deepStrictEqual(happened, ["/body refused"])
  })

  itAtGate("is no refusal any more once its caller has gone", function* () {
    const { happened, send } = yield* fullGate(leastBegun)
    send("/gone").destroy()
    yield* endOfTurn
    assert.deepStrictEqual(happened, ["/gone gone"])
  })

  itAtGate("begins nothing and gives its place back where its caller goes while it waits", function* () {
    const { ended, happened, send } = yield* fullGate(leastBegun + 1)
    send("/gone").emit("close")
    send("/waits")
    ended(true)
    yield* endOfTurn
    assert.deepStrictEqual(happened, ["/gone gone", "/waits begun"])
  })

  itAtGate("is not lost when its connection closes after it has begun", function* () {
    const { ended, happened, send } = yield* fullGate()
    const response = send("/begun")
    ended(true)
    yield* endOfTurn
    response.emit("close")
    assert.deepStrictEqual(happened, ["/begun begun"])
  })

  itAtGate("is answered with 503 when its deadline passes while it waits", function* () {
    const { happened, send } = yield* fullGate()
    send("/late", { ageMs: requestTimeoutMs })
    send("/waits")
    assert.deepStrictEqual(happened, [])
    yield* TestClock.adjust(requestTimeoutMs / 20)
    assert.deepStrictEqual(happened, ["/late late"])
  })

  itAtGate("is answered with 503 when its server can wait no longer, those at work as they wish", function* () {
    const { answerAll, ended, happened, onCut, send } = yield* fullGate()
    onCut(() => happened.push("at work"))
    send("/waits")
    yield* answerAll
    ended(true)
    yield* endOfTurn
    assert.deepStrictEqual(happened, ["/waits late", "at work"])
  })

  itAtGate("waits for the service to listen, as its server does so a moment earlier", function* () {
    const { happened, listen, send } = yield* gateOf(1000)
    listen(false)
    for (const path of ["/a", "/b"]) send(path)
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(happened, [])
    assert.deepStrictEqual(yield* inFlight, [2])
    listen(true)
    yield* TestClock.adjust("100 millis")
    assert.deepStrictEqual(happened, ["/a begun", "/b begun"])
  })
})
