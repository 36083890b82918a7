import { Clock, Effect, Schedule } from "effect"
import type { Scope } from "effect"
import type { DependencyDown } from "../../domain/Dependency.ts"

/** So many failures one after the other open it: one alone is a hiccup. */
const tolerated = 3

/** A store that passes its probe and then fails again is tried less often each time, up to every two seconds. */
const firstDelayMs = 250
const longestDelayMs = 2000
/** Without a failure for so long, a store is sound again. */
const soundAfterMs = 10_000

/** The state of one part of a store. */
interface Circuit {
  failures: number
  isOpen: boolean
  delayMs: number
  closedAt: number
}

export interface BreakerOptions {
  /** Tries the part of the store that `key` is in, without a caller who waits. */
  readonly probe: (key: string) => Effect.Effect<unknown, DependencyDown>
  readonly partOf: (key: string) => string
  /** How many parts are not asked now. */
  readonly onChange: (open: number) => void
}

/**
 * Circuit breakers, one for each part of the store: open after three failures in a row, and closed again by a probe, so
 * that while a part is away no caller waits to find out.
 */
export const makeBreaker = Effect.fnUntraced(function* ({ onChange, partOf, probe }: BreakerOptions) {
  const scope = yield* Effect.scope
  const clock = yield* Clock.Clock
  const run = Effect.runForkWith(yield* Effect.context<Scope.Scope>())
  const circuits = new Map<string, Circuit>()

  const circuitOf = (part: string): Circuit => {
    const known = circuits.get(part)
    if (known !== undefined) return known
    const made = { failures: 0, isOpen: false, delayMs: firstDelayMs, closedAt: Number.NEGATIVE_INFINITY }
    circuits.set(part, made)
    return made
  }
  const changed = () => onChange([...circuits.values()].filter(({ isOpen }) => isOpen).length)
  const named = (part: string) => Effect.annotateLogs(part === "" ? {} : { node: part })

  const watch = (part: string, circuit: Circuit, key: string) =>
    Effect.gen(function* () {
      yield* Effect.retry(Effect.delay(probe(key), circuit.delayMs), Schedule.forever)
      circuit.isOpen = false
      circuit.failures = 0
      circuit.closedAt = clock.currentTimeMillisUnsafe()
      changed()
      yield* named(part)(Effect.logInfo("Redis available; rate limits are counted there again"))
    })

  const open = (part: string, circuit: Circuit, key: string, fault: string): void => {
    const relapsed = clock.currentTimeMillisUnsafe() - circuit.closedAt < soundAfterMs
    circuit.delayMs = relapsed ? Math.min(longestDelayMs, circuit.delayMs * 2) : firstDelayMs
    circuit.isOpen = true
    changed()
    const line = Effect.logWarning("Redis unavailable; rate limits fall back to in-process counters")
    const said = named(part)(Effect.annotateLogs(line, { fault }))
    run(Effect.forkIn(Effect.andThen(said, watch(part, circuit, key)), scope))
  }

  return {
    isOpen: (key: string): boolean => circuitOf(partOf(key)).isOpen,
    succeeded: (key: string): void => {
      circuitOf(partOf(key)).failures = 0
    },
    failed: (key: string, { fault }: DependencyDown): void => {
      const part = partOf(key)
      const circuit = circuitOf(part)
      circuit.failures += 1
      if (!circuit.isOpen && circuit.failures >= tolerated) open(part, circuit, key, fault)
    }
  }
})
