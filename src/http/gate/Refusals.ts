import { Effect } from "effect"
import { makeLine } from "./Line.ts"
import { makePace } from "./Pace.ts"

/** Between two groups of refusals, where there are more than may leave at once, in milliseconds. */
const paceMs = 10

/**
 * Refuses one after the other as `makePace` allows. At the end of the turn, with the others: to write while requests are
 * still being read costs half as much again.
 */
export const makeRefusals = Effect.fnUntraced(function* <A>(refuse: (one: A) => void) {
  const run = Effect.runForkWith(yield* Effect.context())
  const line = makeLine<A>()
  const leavingAt = makePace(performance.now())
  let waiting = 0
  const refuseSome = (): void => {
    for (let leaving = leavingAt(performance.now(), waiting); leaving > 0; leaving--) {
      const one = line.take()
      waiting -= 1
      if (one !== undefined) refuse(one)
    }
    if (waiting > 0) run(later)
  }
  const later = Effect.delay(Effect.sync(refuseSome), paceMs)
  return (one: A): void => {
    line.add(one)
    waiting += 1
    if (waiting === 1) setImmediate(refuseSome)
  }
})
