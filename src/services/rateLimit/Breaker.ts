import { Clock, Effect, Schedule } from "effect"
import type { Scope } from "effect"
import type { DependencyDown } from "../../domain/Dependency.ts"

const maxFailures = 3

/** Delays between probes. They double if the node fails again within `stableAfterMs` of its recovery. */
const firstDelayMs = 250
const longestDelayMs = 2000
const stableAfterMs = 10_000

interface Circuit {
  failures: number
  isOpen: boolean
  delayMs: number
  closedAt: number
}

export interface BreakerOptions {
  /** Calls the node that holds `key`. No request waits for the call. */
  readonly probe: (key: string) => Effect.Effect<unknown, DependencyDown>
  /** Name of the node that holds a key; empty if the store has one node. */
  readonly nodeOf: (key: string) => string
  /** Receives the number of open breakers. */
  readonly onChange: (open: number) => void
}

/**
 * Circuit breakers, one per node, so that a frozen node of a Redis Cluster does not stop shared counting on the others.
 * A breaker opens after three consecutive failures. A probe closes it, so no request waits for a node that is down.
 */
export const makeBreaker = Effect.fnUntraced(function* ({ nodeOf, onChange, probe }: BreakerOptions) {
  const scope = yield* Effect.scope
  const clock = yield* Clock.Clock
  const run = Effect.runForkWith(yield* Effect.context<Scope.Scope>())
  const circuits = new Map<string, Circuit>()

  const circuitOf = (node: string): Circuit => {
    const known = circuits.get(node)
    if (known !== undefined) return known
    const circuit = { failures: 0, isOpen: false, delayMs: firstDelayMs, closedAt: Number.NEGATIVE_INFINITY }
    circuits.set(node, circuit)
    return circuit
  }
  const report = () => onChange([...circuits.values()].filter(({ isOpen }) => isOpen).length)

  const closeWhenAnswered = (circuit: Circuit, key: string) =>
    Effect.gen(function* () {
      yield* Effect.retry(Effect.delay(probe(key), circuit.delayMs), Schedule.forever)
      circuit.isOpen = false
      circuit.failures = 0
      circuit.closedAt = clock.currentTimeMillisUnsafe()
      report()
      yield* Effect.logInfo("Redis available; rate limits are counted there again")
    })

  const open = (node: string, circuit: Circuit, key: string, fault: string): void => {
    const isUnstable = clock.currentTimeMillisUnsafe() - circuit.closedAt < stableAfterMs
    circuit.delayMs = isUnstable ? Math.min(longestDelayMs, circuit.delayMs * 2) : firstDelayMs
    circuit.isOpen = true
    report()
    const warn = Effect.logWarning("Redis unavailable; rate limits fall back to in-process counters")
    Effect.andThen(Effect.annotateLogs(warn, { fault }), closeWhenAnswered(circuit, key)).pipe(
      Effect.annotateLogs(node === "" ? {} : { node }),
      Effect.forkIn(scope),
      run
    )
  }

  return {
    isOpen: (key: string): boolean => circuitOf(nodeOf(key)).isOpen,
    recordSuccess: (key: string): void => {
      circuitOf(nodeOf(key)).failures = 0
    },
    recordFailure: (key: string, { fault }: DependencyDown): void => {
      const node = nodeOf(key)
      const circuit = circuitOf(node)
      circuit.failures += 1
      if (!circuit.isOpen && circuit.failures >= maxFailures) open(node, circuit, key, fault)
    }
  }
})
