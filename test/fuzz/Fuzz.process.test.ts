import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Schedule } from "effect"
import { default as fc } from "fast-check"
import { randomInt } from "node:crypto"
import { openApiDocument } from "../../src/http/docs/OpenApiDocument.ts"
import { request } from "../support/RawHttp.ts"
import { testProcess } from "../support/TestProcess.ts"
import { exchange } from "./Exchange.ts"
import { faultsIn, isFinal } from "./Faults.ts"
import { fromDocument, nearly, tokenMark } from "./Requests.ts"

const setting = (name: string, otherwise: number) =>
  Effect.runSync(Effect.orDie(Config.withDefault(Config.Finite(name), otherwise)))

/** `make fuzz` sends requests for `FUZZ_SECONDS`; other runs send the same hundred. A failure prints its seed. */
const seconds = setting("FUZZ_SECONDS", 0)
const seed = setting("FUZZ_SEED", seconds === 0 ? 1 : randomInt(2 ** 31))
const extent =
  seconds === 0 ? { numRuns: 100 } : { numRuns: 2 ** 31 - 1, plugins: [fc.interruptAfterTimeLimit(seconds * 1000)] }

/** Milliseconds without a response after which bytes count as an incomplete request. */
const quiet = 100

const document = openApiDocument("all", { title: "t", version: "1" })

/** The service with its demo, and the problems of its response to bytes. */
const subject = Effect.gen(function* () {
  const service = yield* testProcess(
    { TBG_ENVIRONMENT: "test", TBG_RATE_LIMIT_MODE: "off", TBG_MAX_EVENT_LOOP_DELAY_MS: "0" },
    { args: ["serve", "--demo"] }
  )
  const output = yield* Effect.repeat(service.output, {
    until: (output) => output.includes("Try: curl"),
    schedule: Schedule.spaced("20 millis")
  })
  const [token = ""] = /tbg_\w+/u.exec(output) ?? []
  const isAlive = Effect.map(exchange(service.port, request("/health")), (answer) => answer?.startsWith("HTTP/1.1 200"))
  const posts = request("/v1/teams/demo/posts?limit=1", { headers: { Authorization: `Bearer ${token}` } })
  const [id = ""] = /[\da-f-]{36}(?=","team")/u.exec((yield* exchange(service.port, posts)) ?? "") ?? []
  const faultsOf = Effect.fnUntraced(function* (bytes: string, endAfter?: number) {
    const sent = bytes.replaceAll(tokenMark, token)
    const answer = yield* exchange(service.port, sent, endAfter)
    return { isAnswered: isFinal(answer), faults: faultsIn(sent, answer) }
  })
  const toWhole = (bytes: string) =>
    Effect.map(faultsOf(bytes), ({ faults, isAnswered }) => (isAnswered ? faults : [...faults, "no answer"]))
  /** Mutated bytes may be an incomplete request, so no response is valid too. */
  const toAny = Effect.fnUntraced(function* (bytes: string) {
    const { faults, isAnswered } = yield* faultsOf(bytes, quiet)
    return isAnswered || (yield* isAlive) === true ? faults : [...faults, "the process is gone"]
  })
  return { faults: { whole: toWhole, any: toAny }, isAlive, requests: fromDocument(document, { team: "demo", id }) }
})

type Faults = (bytes: string) => Effect.Effect<ReadonlyArray<string>>

const holds = (requests: fc.Arbitrary<string>, faults: Faults) =>
  Effect.promise(async () => {
    const property = fc.asyncProperty(requests, async (bytes) =>
      assert.deepStrictEqual(await Effect.runPromise(faults(bytes)), [])
    )
    const outcome = await fc.check(property, { ...extent, seed, endOnFailure: seconds < 60 })
    if (outcome.failed) assert.fail(await fc.asyncDefaultReportMessage(outcome))
    return outcome.numRuns
  })

describe("a fuzzed request", () => {
  it.live(
    "gets a complete response without a 5xx, whether generated from the document or from mutated bytes",
    () =>
      Effect.gen(function* () {
        const { faults, isAlive, requests } = yield* subject
        // Concurrent, because bytes without a response are mostly waited for.
        const [whole, broken] = yield* Effect.all(
          [holds(requests, faults.whole), holds(nearly(requests), faults.any)],
          { concurrency: 2 }
        )
        yield* Effect.log(`seed ${seed}: ${whole} requests and ${broken} pieces of bytes`)
        assert.isTrue(yield* isAlive)
      }),
    (seconds + 60) * 1000
  )
})

describe("a response check", () => {
  it.each([
    [undefined, false],
    ["", false],
    ["HTTP/1.1 100 Continue\r\n\r\n", false],
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\n", true]
  ])("waits for the response after 100 Continue: %j", (answer, final) => assert.strictEqual(isFinal(answer), final))

  const head = "x-request-id: a\r\ncontent-type: application/json"

  it.each([
    ["no end of the connection", undefined],
    ["no response: GARBAGE", "GARBAGE\r\n\r\n"],
    ["status 500", `HTTP/1.1 500 X\r\n${head}\r\ncontent-length: 2\r\n\r\n{}`],
    ["an empty body where one is due", `HTTP/1.1 400 X\r\n${head}\r\ncontent-length: 0\r\n\r\n`],
    ["no JSON: {", `HTTP/1.1 400 X\r\n${head}\r\ncontent-length: 1\r\n\r\n{`],
    [
      "403 without a request id",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 X\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`
    ],
    ["400 without a request id", "HTTP/1.1 400 X\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"]
  ])("detects %s", (fault, answer) => assert.deepStrictEqual(faultsIn("GET / HTTP/1.1", answer), [fault]))
})
