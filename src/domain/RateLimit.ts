import type { Effect } from "effect"
import type { DependencyDown } from "./Dependency.ts"

/** What a limit says: in no span of `windowMicros`, wherever it begins, are more than `limit` admitted for a key. */
export interface Policy {
  /** As callers see it: `ip`. */
  readonly name: string
  readonly limit: number
  readonly windowMicros: number
  /** How much of the limit one request spends. */
  readonly cost: number
}

/** `count` requests of one key that ask at once. Those that are admitted are the first. */
export interface Ask {
  readonly key: string
  readonly policy: Policy
  /** 0 only looks. */
  readonly count: number
}

/** What the log of a key's admissions answers. */
export interface Answer {
  /** What was spent in this window before. */
  readonly used: number
  /** How many of the requests are admitted. */
  readonly admitted: number
  /** Microseconds until the window is empty. */
  readonly resetMicros: number
  /** Microseconds until one that was denied would be admitted; 0 if none was. */
  readonly retryMicros: number
}

/** Rounded up, so that to wait for them is enough. */
export const wholeSeconds = (micros: number): number => Math.ceil(micros / 1_000_000)

/** Where it was counted: for all replicas, or in this process. */
export type Store = "redis" | "memory"

/** A store that all replicas share. */
export interface SharedStore {
  /** Asks for many keys at once: an answer each, in their order. */
  readonly ask: (asks: ReadonlyArray<Ask>) => Effect.Effect<ReadonlyArray<Answer>, DependencyDown>
  /** How many keys may travel in one `ask`. */
  readonly together: number
  /** The part of the store that a key is in, each of which may be away by itself. */
  readonly partOf: (key: string) => string
  /** A key to try that part with. */
  readonly probeKey: (key: string) => string
  /** Forgets what a key has spent. */
  readonly forget: (key: string) => Effect.Effect<void, DependencyDown>
}

/**
 * How the budget of a check is divided, in milliseconds: how long it may be held for the call before its own, and how
 * long its own may take. They are whole, as a timer knows no less than one.
 */
export const divideBudget = (budgetMs: number): { readonly holdMs: number; readonly callMs: number } => {
  const holdMs = budgetMs > 1 ? 1 : 0
  return { holdMs, callMs: budgetMs - holdMs }
}

/** The key of a caller under a policy, as stores have it. */
export const storeKey = ({ name }: Pick<Policy, "name">, key: string): string => `${name}:${key}`

/** What becomes of one request. Times are in microseconds from now. */
export interface Decision {
  readonly allowed: boolean
  readonly policy: Policy
  readonly remaining: number
  readonly resetMicros: number
  /** 0 where it is allowed. */
  readonly retryMicros: number
  readonly store: Store
}

/** The decision for the request at `index` of those that asked. */
export const decisionOf = (policy: Policy, answer: Answer, index: number, store: Store): Decision => {
  const { admitted, resetMicros, retryMicros, used } = answer
  const allowed = index < admitted
  const spent = used + Math.min(index + 1, admitted) * policy.cost
  return {
    allowed,
    policy,
    remaining: Math.max(0, policy.limit - spent),
    resetMicros,
    retryMicros: allowed ? 0 : retryMicros,
    store
  }
}

/** What stands of a window without asking for admission. */
export const standingOf = (policy: Policy, { resetMicros, used }: Answer, store: Store): Decision => ({
  allowed: true,
  policy,
  remaining: Math.max(0, policy.limit - used),
  resetMicros,
  retryMicros: 0,
  store
})
