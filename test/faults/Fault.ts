import type { Check } from "../../src/domain/Health.ts"

/** Settings of the service under test, in milliseconds. */
export const settings = { requestTimeoutMs: 2000, readyTimeoutMs: 1000, limitBudgetMs: 50 }

/** Longest time from the end of a fault to full recovery, in milliseconds. */
export const recoveryMs = 5000

/** Extra time allowed for a busy machine, in milliseconds. */
export const busyMs = 300

/** Longest time until a response, in milliseconds, and its wording on the page. */
export const bounds = {
  // Four times the budget of a check in Redis.
  prompt: { ms: 4 * settings.limitBudgetMs, text: "at once" },
  half: { ms: settings.requestTimeoutMs / 2, text: "half" },
  deadline: { ms: settings.requestTimeoutMs, text: "full" }
} as const

/** Statuses that a request may get, and the time limit. */
export interface Answers {
  readonly statuses: ReadonlyArray<200 | 201 | 503>
  readonly within: keyof typeof bounds
}

/** Responses to callers during a fault. */
export interface Expected {
  /** Checks that /ready may report for each dependency. Its status follows from them (contract section 2). */
  readonly database: ReadonlyArray<Check>
  readonly redis: ReadonlyArray<Check>
  /** `GET /v1/teams/{team}/posts` */
  readonly read: Answers
  /** `POST` of the same, with and without an `Idempotency-Key`. */
  readonly write: Answers
  /** `GET /version`: limited, without the database. */
  readonly limited: Answers
}

/** One row of the page. The code that causes the fault is kept apart, by its name. */
export interface Fault {
  readonly cause: string
  readonly expected: Expected
}

/** Responses as without a fault, within this time. */
export const served = (within: Answers["within"]) => ({
  read: { statuses: [200], within } as const,
  write: { statuses: [201], within } as const
})
/** Neither reads nor writes succeed. */
export const unserved = (within: Answers["within"]) => ({
  read: { statuses: [503], within } as const,
  write: { statuses: [503], within } as const
})

const limited = { statuses: [200], within: "prompt" } as const

/** Responses without a fault. */
export const sound: Expected = { database: ["ok"], redis: ["ok"], limited, ...served("half") }

/** A fault of Postgres does not affect the limiter. */
export const ofDatabase = (database: Expected["database"], answers: Pick<Expected, "read" | "write">): Expected => ({
  ...sound,
  limited,
  ...answers,
  database
})

/** Under a fault of Redis, the limiter counts in the process, and every request succeeds. */
export const ofRedis = (redis: Expected["redis"]): Expected => ({ ...sound, redis })
