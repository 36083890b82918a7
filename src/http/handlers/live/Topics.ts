import { Effect } from "effect"
import { addressOf, minerTopic } from "../../../domain/live/Topic.ts"
import type { Topic } from "../../../domain/live/Topic.ts"
import { Addresses } from "../../../services/bitcoin/Addresses.ts"
import { Viewer } from "../../../services/mining/MinerVisibility.ts"
import { Invalid, Unauthorized } from "../../Errors.ts"

/** Checks requested topics. Returns each once, with its canonical address. `me` needs a session. */
export const requestedTopics = Effect.map(Addresses, ({ canonical }) => {
  const canonicalOf = (topic: Topic): Effect.Effect<Topic, Invalid> => {
    const address = addressOf(topic)
    if (address === undefined) return Effect.succeed(topic)
    return Effect.mapBoth(canonical(address), {
      onSuccess: minerTopic,
      onFailure: ({ reason }) =>
        new Invalid({ errors: [{ path: "topics", message: `The address of topic ${topic.slice(0, 100)} ${reason}` }] })
    })
  }
  return Effect.fnUntraced(function* (topics: ReadonlyArray<Topic>) {
    if (topics.includes("me") && (yield* Viewer) === undefined) return yield* new Unauthorized()
    return [...new Set(yield* Effect.forEach(topics, canonicalOf))]
  })
})
