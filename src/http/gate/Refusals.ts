import { Clock, Effect } from "effect"
import { makeLine } from "./Line.ts"
import { makePace } from "./Pace.ts"

/** Between two groups of refusals, where there are more than may leave at once, in milliseconds. */
const paceMs = 10

/** No more wait; a connection may send any number of requests without reading. */
const most = 10_000

/** What is refused, one after the other. */
export interface Refusals<A> {
  readonly add: (one: A) => void
  /** Lets all leave at once, from now on. */
  readonly hurry: () => void
}

/** Refuses after the turn in which they came, as many as `makePace` allows, and the others later. */
export const makeRefusals = Effect.fnUntraced(function* <A>(refuse: (one: A) => void) {
  const run = Effect.runForkWith(yield* Effect.context())
  const line = makeLine<A>()
  const clock = yield* Clock.Clock
  const now = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
  const leavingAt = makePace(now())
  let waiting = 0
  let isHurried = false
  const refuseSome = (): void => {
    for (let leaving = isHurried ? waiting : leavingAt(now(), waiting); leaving > 0; leaving--) {
      const one = line.take()
      waiting -= 1
      if (one !== undefined) refuse(one)
    }
    if (waiting > 0) run(later)
  }
  const later = Effect.delay(Effect.sync(refuseSome), paceMs)
  const refusals: Refusals<A> = {
    add: (one) => {
      if (waiting >= most) return refuse(one)
      line.add(one)
      waiting += 1
      if (waiting === 1) setImmediate(refuseSome)
    },
    hurry: () => void (isHurried = true)
  }
  return refusals
})
