import { assert, describe, it } from "@effect/vitest"
import { ofDatabase, settings, sound, unserved } from "./Fault.ts"
import { problemsOf } from "./Round.ts"
import type { Round } from "./Round.ts"
import { role } from "./Servers.ts"
import type { Reply } from "./Subject.ts"

const good: Reply = { status: 200, headers: {}, text: "{}", elapsedMs: 5 }
const away: Reply = {
  status: 503,
  headers: { "retry-after": "1" },
  text: `{"error":"Service unavailable","code":"SERVICE_UNAVAILABLE","details":{}}`,
  elapsedMs: 5
}
const readyText = (status: string, database: string) => JSON.stringify({ status, checks: { database, redis: "ok" } })

const roundOf = (changed: Partial<Round["replies"]> = {}): Round => ({
  writes: [],
  replies: {
    health: good,
    ready: { ...good, text: readyText("ready", "ok") },
    read: good,
    write: { ...good, status: 201 },
    keyedWrite: { ...good, status: 201 },
    limited: good,
    ...changed
  }
})
const down = ofDatabase(["error: unreachable"], unserved("half"))
const ready = { ...good, status: 503, text: readyText("degraded", "error: unreachable") }
const outage = { read: away, write: away, keyedWrite: away, ready }

describe("what a round has against it", () => {
  it("is nothing where all is as expected", () => {
    assert.deepStrictEqual(problemsOf(roundOf(), sound), [])
    assert.deepStrictEqual(problemsOf(roundOf(outage), down), [])
  })

  it.each([
    ["a status of its own", { limited: { ...good, status: 429 } }, "limited is 429: {}"],
    ["no answer", { read: { ...away, status: 0, text: "none" } }, "read is 0: none"],
    ["lateness", { health: { ...good, elapsedMs: 2 * settings.requestTimeoutMs } }, "health took 4000 ms"],
    ["more than the contract", { read: { ...away, text: `{"detail":"x"}` } }, `read says {"detail":"x"}`],
    ["no Retry-After", { write: { ...away, headers: {} } }, "write has no Retry-After"],
    ["a secret", { limited: { ...good, text: role.password } }, `limited tells ${role.password}`],
    ["another word of /ready", { ready: { ...ready, text: readyText("degraded", "error: failed") } }, "error: failed"],
    ["another status of /ready", { ready: { ...ready, status: 200 } }, "ready is 200"],
    ["another text of /ready", { ready: { ...good, text: "{}" } }, "ready says {}"]
  ])("is %s", (_, changed, problem) => {
    assert.include(problemsOf(roundOf({ ...outage, ...changed }), down).join("\n"), problem)
  })
})
