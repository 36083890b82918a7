import { default as fc } from "fast-check"
import type { Answer, Policy } from "../../src/domain/RateLimit.ts"

/** In microseconds, and far in the future: a real server must not expire what a test simulates. */
export const start = 4_000_000_000_000_000

/** Naive exact sliding window: keeps every admission and scans all of them. */
export const makeModel = ({ limit, windowMicros }: Policy) => {
  const admissions: Array<number> = []
  const usedAt = (now: number): number => admissions.filter((time) => time > now - windowMicros).length
  const isAdmittedAt = (now: number): boolean => usedAt(now) < limit
  const newest = (): number => Math.max(0, ...admissions)

  return {
    /** The latest admission, or 0. */
    newest,
    ask: (count: number, now: number): Answer => {
      const used = usedAt(now)
      let admitted = 0
      while (admitted < count && isAdmittedAt(now)) {
        admissions.push(now)
        admitted += 1
      }
      // A place becomes free only when an admission leaves the window.
      const leaves = admissions.map((time) => time + windowMicros).filter((time) => time > now)
      const free = admitted < count ? leaves.find(isAdmittedAt) : undefined
      return {
        used,
        admitted,
        resetMicros: usedAt(now) === 0 ? 0 : newest() + windowMicros - now,
        retryMicros: free === undefined ? 0 : free - now
      }
    }
  }
}

/** One of two callers, each with its own policy, sends `count` requests. */
export interface Step {
  readonly caller: 0 | 1
  readonly policy: Policy
  readonly count: number
  readonly now: number
}

export const policies: fc.Arbitrary<Policy> = fc
  .record({
    limit: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1000 })),
    windowMicros: fc.oneof(
      fc.constantFrom(100_000, 3_600_000_000),
      fc.integer({ min: 100_000, max: 10_000_000 }),
      fc.integer({ min: 100_000, max: 3_600_000_000 })
    )
  })
  .map(({ limit, windowMicros }) => ({ name: "law", limit, windowMicros }))

/** Usually 1 to 5, sometimes enough to reach any limit. */
const counts = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 6, max: 1000 }) }
)

/** In thousandths of the window: none, little, about a window, and a clock that jumps. */
const forward = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 2, arbitrary: fc.constantFrom(500, 1000) },
  { weight: 1, arbitrary: fc.integer({ min: 300, max: 2000 }) },
  { weight: 1, arbitrary: fc.constant(50_000) }
)
const backward = fc.integer({ min: -1500, max: -1 })

const schedulesOf = (thousandths: fc.Arbitrary<number>, callers: fc.Arbitrary<0 | 1>) => {
  const gap = fc.record({ thousandths, micros: fc.constantFrom(0, -1, 1, 7) })
  const steps = fc.array(fc.record({ caller: callers, count: counts, gap }), {
    minLength: 1,
    maxLength: 60,
    size: "max"
  })
  return fc.tuple(fc.tuple(policies, policies), steps).map(([both, plans]): ReadonlyArray<Step> => {
    let now = start
    return plans.map(({ caller, count, gap: { micros, thousandths } }) => {
      const policy = both[caller]
      const wanted = Math.floor((policy.windowMicros * thousandths) / 1000) + micros
      now += thousandths < 0 ? wanted : Math.max(0, wanted)
      return { caller, policy, count, now }
    })
  })
}

const one = fc.constant<0 | 1>(0)
const either = fc.constantFrom<Array<0 | 1>>(0, 1)

/** One caller, and a clock that never goes back. */
export const schedules = schedulesOf(forward, one)
/** Two alternating callers. */
export const sharedSchedules = schedulesOf(forward, either)
/** One caller, and a clock that is sometimes set back. */
export const unsteadySchedules = schedulesOf(
  fc.oneof({ weight: 3, arbitrary: forward }, { weight: 1, arbitrary: backward }),
  one
)
