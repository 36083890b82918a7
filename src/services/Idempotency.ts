import { Context, Layer } from "effect"
import type { Effect } from "effect"
import type { Answered, IdempotentAsk, KeyReused, RecordedAnswer, WriteInFlight } from "../domain/Idempotency.ts"
import type { TeamId } from "../domain/Team.ts"
import { memoryAnswers } from "./idempotency/MemoryAnswers.ts"
import { sqlAnswers } from "./idempotency/SqlAnswers.ts"

/**
 * Writes that a caller may try again without doing them twice (the IETF's draft of `Idempotency-Key`): the first answer
 * is kept for a day, in the same transaction as what it tells of.
 */
export class Idempotency extends Context.Service<
  Idempotency,
  {
    /**
     * Runs `write` if the key is new, and gives its answer; else the one that was given before. `write` is part of a
     * transaction behind the team's wall: where it fails, nothing is kept, and the key is as new.
     */
    readonly once: <E, R>(
      ask: IdempotentAsk,
      write: Effect.Effect<RecordedAnswer, E, R>
    ) => Effect.Effect<Answered, E | WriteInFlight | KeyReused, R>
    /** Forgets what is past its day, at most so many answers of a team; gives how many. */
    readonly purge: (team: TeamId, atMost: number) => Effect.Effect<number>
  }
>()("tbg-api/services/Idempotency") {
  static readonly layer = Layer.effect(Idempotency, sqlAnswers)
  static readonly layerMemory = Layer.effect(Idempotency, memoryAnswers)
}
