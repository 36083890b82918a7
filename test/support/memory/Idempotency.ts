import { DateTime, Effect } from "effect"
import { answerLifetime, KeyReused, WriteInFlight } from "../../../src/domain/Idempotency.ts"
import type { Answered, IdempotentAsk, RecordedAnswer } from "../../../src/domain/Idempotency.ts"
import type { TeamId } from "../../../src/domain/Team.ts"

interface Kept {
  readonly ask: IdempotentAsk
  readonly answer: RecordedAnswer
  readonly expires: DateTime.DateTime
}

const nameOf = ({ apiKey, key }: IdempotentAsk): string => `${apiKey} ${key}`

/** In-process idempotency records with the same rules as in Postgres. */
export const memoryAnswers = Effect.sync(() => {
  const answers = new Map<string, Kept>()
  const inFlight = new Set<string>()

  const first = <E, R>(ask: IdempotentAsk, write: Effect.Effect<RecordedAnswer, E, R>) =>
    Effect.gen(function* () {
      const now = yield* DateTime.now
      const answer = yield* write
      answers.set(nameOf(ask), { ask, answer, expires: DateTime.addDuration(now, answerLifetime) })
      return { answer, replayed: false } satisfies Answered
    })

  return {
    once: <E, R>(ask: IdempotentAsk, write: Effect.Effect<RecordedAnswer, E, R>) =>
      Effect.gen(function* () {
        const name = nameOf(ask)
        if (inFlight.has(name)) return yield* new WriteInFlight()
        const found = answers.get(name)
        if (found !== undefined && DateTime.isGreaterThan(found.expires, yield* DateTime.now)) {
          if (found.ask.request !== ask.request) return yield* new KeyReused()
          return { answer: found.answer, replayed: true }
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
