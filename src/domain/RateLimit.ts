import type { Effect } from "effect"
import type { DependencyDown } from "./Dependency.ts"

/** Sliding window: any period of `windowMicros` has at most `limit` admissions of a key. */
export interface Policy {
  /** Public name, such as `ip`. */
  readonly name: string
  readonly limit: number
  readonly windowMicros: number
}

/** `count` simultaneous requests of one key, admitted in order until the limit is reached. */
export interface Ask {
  readonly key: string
  readonly policy: Policy
  /** 0 reads the state of the window and admits nothing. */
  readonly count: number
}

/** State of a key's window, and the outcome of an `Ask`. */
export interface Answer {
  /** Admissions in the window before the `Ask`. */
  readonly used: number
  /** Number of requests that are admitted. */
  readonly admitted: number
  /** Microseconds until the window is empty. */
  readonly resetMicros: number
  /** Microseconds until a denied request would be admitted; 0 if none was denied. */
  readonly retryMicros: number
}

/** Seconds, rounded up so that waiting this long is enough. */
export const wholeSeconds = (micros: number): number => Math.ceil(micros / 1_000_000)

/** Store that counted a request: shared by all replicas, or local to this process. */
export type Store = "redis" | "memory"

/** Store of admissions that all replicas share. */
export interface SharedStore {
  /** Asks for many keys at once; returns one answer per key, in the same order. */
  readonly ask: (asks: ReadonlyArray<Ask>) => Effect.Effect<ReadonlyArray<Answer>, DependencyDown>
  /** Maximum number of keys in one `ask`. */
  readonly keysPerCall: number
  /** Store node that holds a key. Each node can fail independently. */
  readonly nodeOf: (key: string) => string
  /** Key for probes of the node that holds `key`. */
  readonly probeKey: (key: string) => string
  /** Removes the admissions of a key. */
  readonly reset: (key: string) => Effect.Effect<void, DependencyDown>
}

/**
 * Divides the budget of a check, in milliseconds. One part limits how long it is held while another call is in flight,
 * the other how long its own call takes. Both are integers because timers have a resolution of one millisecond.
 */
export const divideBudget = (budgetMs: number): { readonly holdMs: number; readonly callMs: number } => {
  const holdMs = budgetMs > 1 ? 1 : 0
  return { holdMs, callMs: budgetMs - holdMs }
}

/** Store key of a caller under a policy. */
export const storeKey = ({ name }: Pick<Policy, "name">, key: string): string => `${name}:${key}`

/** Outcome of one request. Times are in microseconds from now. */
export interface Decision {
  readonly allowed: boolean
  readonly policy: Policy
  readonly remaining: number
  readonly resetMicros: number
  /** 0 if the request is allowed. */
  readonly retryMicros: number
  readonly store: Store
}

/** Decision for the request at `index` of an `Ask`. */
export const decisionOf = (policy: Policy, answer: Answer, index: number, store: Store): Decision => {
  const { admitted, resetMicros, retryMicros, used } = answer
  const allowed = index < admitted
  const spent = used + Math.min(index + 1, admitted)
  return {
    allowed,
    policy,
    remaining: Math.max(0, policy.limit - spent),
    resetMicros,
    retryMicros: allowed ? 0 : retryMicros,
    store
  }
}

/** State of a caller's window as a decision; no admission was requested. */
export const standingOf = (policy: Policy, { resetMicros, used }: Answer, store: Store): Decision => ({
  allowed: true,
  policy,
  remaining: Math.max(0, policy.limit - used),
  resetMicros,
  retryMicros: 0,
  store
})
