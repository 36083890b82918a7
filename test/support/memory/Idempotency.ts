import { DateTime, Effect } from "effect"
import { KeyReused, responseLifetime, WriteInFlight } from "../../../src/domain/Idempotency.ts"
import type { IdempotentRequest, IdempotentResponse, RecordedResponse } from "../../../src/domain/Idempotency.ts"
import type { TeamId } from "../../../src/domain/Team.ts"

interface Kept {
  readonly ask: IdempotentRequest
  readonly response: RecordedResponse
  readonly expires: DateTime.DateTime
}

const nameOf = ({ apiKey, key }: IdempotentRequest): string => `${apiKey} ${key}`

/** In-process idempotency records with the same rules as in Postgres. */
export const memoryAnswers = Effect.sync(() => {
  const answers = new Map<string, Kept>()
  const inFlight = new Set<string>()

  const first = <E, R>(ask: IdempotentRequest, write: Effect.Effect<RecordedResponse, E, R>) =>
    Effect.gen(function* () {
      const now = yield* DateTime.now
      const response = yield* write
      answers.set(nameOf(ask), { ask, response, expires: DateTime.addDuration(now, responseLifetime) })
      return { response, replayed: false } satisfies IdempotentResponse
    })

  return {
    once: <E, R>(ask: IdempotentRequest, write: Effect.Effect<RecordedResponse, E, R>) =>
      Effect.gen(function* () {
        const name = nameOf(ask)
        if (inFlight.has(name)) return yield* new WriteInFlight()
        const found = answers.get(name)
        if (found !== undefined && DateTime.isGreaterThan(found.expires, yield* DateTime.now)) {
          if (found.ask.request !== ask.request) return yield* new KeyReused()
          return { response: found.response, replayed: true }
        }
        inFlight.add(name)
        return yield* Effect.ensuring(
          first(ask, write),
          Effect.sync(() => inFlight.delete(name))
        )
      }),
    purge: (team: TeamId, atMost: number) =>
      Effect.map(DateTime.now, (now) => {
        const doomed = [...answers]
          .filter(([, { ask, expires }]) => ask.team === team && DateTime.isLessThanOrEqualTo(expires, now))
          .slice(0, atMost)
        for (const [name] of doomed) answers.delete(name)
        return doomed.length
      })
  }
})
