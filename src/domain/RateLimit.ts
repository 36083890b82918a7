import type { Effect } from "effect"
import type { DependencyDown } from "./Dependency.ts"

/** Sliding window: any period of `windowMicros` has at most `limit` admissions of a key. */
export interface Policy {
  readonly name: string
  readonly limit: number
  readonly windowMicros: number
}

/** `count` simultaneous requests of one key, admitted in order until the limit is reached. */
export interface Ask {
  readonly key: string
  readonly policy: Policy
  /** 0 only reads the state of the window. */
  readonly count: number
}

export interface Answer {
  /** Admissions in the window before the `Ask`. */
  readonly used: number
  readonly admitted: number
  /** Microseconds until the window is empty. */
  readonly resetMicros: number
  /** Microseconds until a denied request would be admitted; 0 if none was denied. */
  readonly retryMicros: number
}

/** Rounds up, so that waiting this long is enough. */
export const wholeSeconds = (micros: number): number => Math.ceil(micros / 1_000_000)

export type Store = "redis" | "memory"

export interface SharedStore {
  /** Returns one answer per `Ask`, in the same order. */
  readonly ask: (asks: ReadonlyArray<Ask>) => Effect.Effect<ReadonlyArray<Answer>, DependencyDown>
  readonly keysPerCall: number
  /** Store node that holds a key. Each node can fail independently. */
  readonly nodeOf: (key: string) => string
  /** Key for probes of the node of `key`. */
  readonly probeKey: (key: string) => string
  readonly reset: (key: string) => Effect.Effect<void, DependencyDown>
}

/** Divides the budget of a check into the maximum times to hold it and to call the store, in whole milliseconds. */
export const divideBudget = (budgetMs: number): { readonly holdMs: number; readonly callMs: number } => {
  const holdMs = budgetMs > 1 ? 1 : 0
  return { holdMs, callMs: budgetMs - holdMs }
}

export const storeKey = ({ name }: Pick<Policy, "name">, key: string): string => `${name}:${key}`

/** Outcome of one request. Times are in microseconds from now. */
export interface Decision {
  readonly allowed: boolean
  readonly policy: Policy
  readonly remaining: number
  readonly resetMicros: number
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

/** State of a window as a decision; no admission was requested. */
export const standingOf = (policy: Policy, { resetMicros, used }: Answer, store: Store): Decision => ({
  allowed: true,
  policy,
  remaining: Math.max(0, policy.limit - used),
  resetMicros,
  retryMicros: 0,
  store
})
