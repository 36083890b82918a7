import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { default as fc } from "fast-check"
import type { Answer, Ask, Policy } from "../../src/domain/RateLimit.ts"
import { makeModel, policies, schedules, sharedSchedules, start, unsteadySchedules } from "./AdmissionModel.ts"

/** Sliding-window logs with an explicit time, in microseconds. */
export type Implementation = (ask: Ask, now: number) => Effect.Effect<Answer>

/** Properties of every implementation. */
export interface Law {
  readonly name: string
  readonly holds: (ask: Implementation, schedules?: number) => Effect.Effect<void>
}

/** The same schedules in each run; a failure prints the shortest one. Every run has its own keys. */
const law = <A>(
  name: string,
  generated: fc.Arbitrary<A>,
  check: (value: A, ask: Implementation) => Effect.Effect<void>
): Law => ({
  name,
  holds: (ask, schedules = 200) =>
    Effect.promise(() => {
      let runs = 0
      const property = fc.asyncProperty(generated, (value) => {
        const prefix = `${name}${runs++}`
        const own: Implementation = ({ key, ...rest }, now) => ask({ ...rest, key: `${prefix}${key}` }, now)
        return Effect.runPromise(check(value, own))
      })
      return fc.assert(property, {
        numRuns: fc.readConfigureGlobal().numRuns ?? schedules,
        seed: 4,
        includeErrorInReport: true
      })
    })
})

const equalsModel = law(
  "answers as the model does, each key for itself, and never denies when it admits",
  sharedSchedules,
  Effect.fnUntraced(function* (steps, ask) {
    const models = new Map<number, ReturnType<typeof makeModel>>()
    for (const { caller, count, now, policy } of steps) {
      const model = models.get(caller) ?? makeModel(policy)
      models.set(caller, model)
      const expected = model.ask(count, now)
      const answer = yield* ask({ key: String(caller), policy, count }, now)
      assert.isAtLeast(answer.admitted, expected.admitted, "denied, though the model admits")
      assert.deepStrictEqual(answer, expected)
    }
  })
)

const neverMore = law(
  "admits no more than the limit in any span of a window, wherever it begins",
  schedules,
  Effect.fnUntraced(function* (steps, ask) {
    const times: Array<number> = []
    for (const { count, now, policy } of steps) {
      const { admitted } = yield* ask({ key: "", policy, count }, now)
      for (let left = admitted; left > 0; left--) times.push(now)
    }
    const [first] = steps
    const { limit = 0, windowMicros = 0 } = first?.policy ?? {}
    times.slice(limit).forEach((time, index) => assert.isAtLeast(time - (times[index] ?? 0), windowMicros))
  })
)

const exactTimes = law(
  "admits at exactly retryMicros and is empty at exactly resetMicros, and not one microsecond before",
  schedules,
  Effect.fnUntraced(function* (steps, ask) {
    let waited = 0
    let empty: { readonly at: number; readonly policy: Policy } | undefined
    for (const { count, policy, ...step } of steps) {
      const now = step.now + waited
      const { admitted, resetMicros, retryMicros } = yield* ask({ key: "", policy, count }, now)
      assert.strictEqual(retryMicros > 0, admitted < count)
      empty = { at: now + resetMicros, policy }
      if (admitted === count) continue
      const early = yield* ask({ key: "", policy, count: 1 }, now + retryMicros - 1)
      assert.deepInclude(early, { admitted: 0, retryMicros: 1 })
      const due = yield* ask({ key: "", policy, count: 1 }, now + retryMicros)
      assert.deepInclude(due, { admitted: 1, retryMicros: 0 })
      empty = { at: now + retryMicros + due.resetMicros, policy }
      waited += retryMicros
    }
    if (empty === undefined) return assert.fail("no step")
    const look = { key: "", policy: empty.policy, count: 0 }
    const last = yield* ask(look, empty.at - 1)
    assert.isAbove(last.used, 0)
    assert.strictEqual(last.resetMicros, 1)
    assert.deepStrictEqual(yield* ask(look, empty.at), { used: 0, admitted: 0, resetMicros: 0, retryMicros: 0 })
  })
)

const deniedIsNothing = law(
  "forgets what it denied",
  schedules,
  Effect.fnUntraced(function* (steps, ask) {
    for (const { count, now, policy } of steps) {
      const { admitted, retryMicros, resetMicros, used } = yield* ask({ key: "", policy, count }, now)
      const standing = { used: used + admitted, admitted: 0, resetMicros }
      if (admitted < count) {
        for (const again of [1, count, 1000]) {
          const denied = yield* ask({ key: "", policy, count: again }, now)
          assert.deepStrictEqual(denied, { ...standing, retryMicros })
        }
      }
      const looked = yield* ask({ key: "", policy, count: 0 }, now)
      assert.deepStrictEqual(looked, { ...standing, retryMicros: 0 })
    }
  })
)

const mergedIsOneByOne = law(
  "answers requests that ask together as those that ask one by one",
  schedules,
  Effect.fnUntraced(function* (steps, ask) {
    for (const { count, now, policy } of steps) {
      const merged = yield* ask({ key: "merged", policy, count }, now)
      const single = { key: "single", policy, count: 1 }
      const first = yield* ask(single, now)
      let admitted = first.admitted
      let last = first
      for (let asked = 1; asked < Math.min(count, 5); asked++) {
        last = yield* ask(single, now)
        admitted += last.admitted
      }
      // From the sixth on, requests are sent in one batch, so that a large count stays fast.
      if (count > 5) {
        last = yield* ask({ ...single, count: count - 5 }, now)
        admitted += last.admitted
      }
      const { resetMicros, retryMicros } = last
      assert.deepStrictEqual(merged, { used: first.used, admitted, resetMicros, retryMicros })
    }
  })
)

const steady = law(
  "frees no slot if the clock goes back by at most a window, and starts over if it goes back by more",
  unsteadySchedules,
  Effect.fnUntraced(function* (steps, ask) {
    let model: ReturnType<typeof makeModel> | undefined
    for (const { count, now, policy } of steps) {
      if (model === undefined || model.newest() > now + policy.windowMicros) model = makeModel(policy)
      const behind = Math.max(0, model.newest() - now)
      const { admitted, resetMicros, retryMicros, used } = model.ask(count, now + behind)
      assert.deepStrictEqual(yield* ask({ key: "", policy, count }, now), {
        used,
        admitted,
        resetMicros: resetMicros + behind,
        retryMicros: retryMicros === 0 ? 0 : retryMicros + behind
      })
    }
  })
)

const burst = law(
  "gives the whole limit at once, and the whole again a window later",
  policies,
  Effect.fnUntraced(function* (policy, ask) {
    const { limit, windowMicros } = policy
    const request = { key: "", policy, count: limit + 1 }
    const full = { used: 0, admitted: limit, resetMicros: windowMicros, retryMicros: windowMicros }
    assert.deepStrictEqual(yield* ask(request, start), full)
    const early = yield* ask(request, start + windowMicros - 1)
    assert.deepStrictEqual(early, { used: limit, admitted: 0, resetMicros: 1, retryMicros: 1 })
    assert.deepStrictEqual(yield* ask(request, start + windowMicros), full)
  })
)

export const admissionLaws = [equalsModel, neverMore, exactTimes, deniedIsNothing, mergedIsOneByOne, steady, burst]
