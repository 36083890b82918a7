import type { Check } from "../../src/domain/Health.ts"

/** The times that the service under test is given, in milliseconds; what it answers is bound by them. */
export const settings = { requestTimeoutMs: 2000, readyTimeoutMs: 1000, limitBudgetMs: 50 }

/**
 * How soon after the end of a cause, in milliseconds, everything is as it was before, where a row says nothing else.
 */
export const recoveryMs = 5000

/** How late two busy cores may be, in milliseconds. */
export const busyMs = 300

/** Within what time an answer comes, in milliseconds, and how the page says so. */
export const bounds = {
  // Four times the budget of a check in Redis.
  prompt: { ms: 4 * settings.limitBudgetMs, text: "at once" },
  half: { ms: settings.requestTimeoutMs / 2, text: "half the deadline" },
  deadline: { ms: settings.requestTimeoutMs, text: "the deadline" }
} as const

/** The statuses that a surface may answer with, and within what time. */
export interface Answers {
  readonly statuses: ReadonlyArray<200 | 201 | 503>
  readonly within: keyof typeof bounds
}

/** What callers see while a fault lasts. */
export interface Expected {
  /** What /ready may say of each dependency. Its status follows (contract section 2), as does its time. */
  readonly database: ReadonlyArray<Check>
  readonly redis: ReadonlyArray<Check>
  /** `GET /v1/teams/{team}/posts` */
  readonly read: Answers
  /** `POST` of the same, with and without an `Idempotency-Key`. */
  readonly write: Answers
  /** `GET /version`: limited, and of no use to the database. */
  readonly limited: Answers
}

/** One row: what happens, how it ends, and what is seen meanwhile. What brings it about is kept apart, by its name. */
export interface Fault {
  readonly cause: string
  /** What ends it; `null` for what is over as soon as it has happened, and has only to be got over. */
  readonly end: string | null
  readonly expected: Expected
}

/** Answers as if nothing had happened, in so much time. */
export const served = (within: Answers["within"]) => ({
  read: { statuses: [200], within } as const,
  write: { statuses: [201], within } as const
})
/** Nothing can be read or written. */
export const unserved = (within: Answers["within"]) => ({
  read: { statuses: [503], within } as const,
  write: { statuses: [503], within } as const
})

const limited = { statuses: [200], within: "prompt" } as const

/** What callers see without a fault. */
export const sound: Expected = { database: ["ok"], redis: ["ok"], limited, ...served("half") }

/** Under a fault of Postgres: the limiter is not concerned. */
export const ofDatabase = (database: Expected["database"], answers: Pick<Expected, "read" | "write">): Expected => ({
  ...sound,
  limited,
  ...answers,
  database
})

/** Under a fault of Redis: all is served, by the limiter in the process. */
export const ofRedis = (redis: Expected["redis"]): Expected => ({ ...sound, redis })
