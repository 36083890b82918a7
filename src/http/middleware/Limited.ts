import { Effect, Layer } from "effect"
import { annotationOf } from "../api/Annotation.ts"
import { Limited, LimitedBy } from "../api/Limited.ts"
import { Callers } from "./Callers.ts"
import { Limits } from "./Limits.ts"

/** Every limited endpoint under its policy; one that counts by API key finds out first whose that is. */
export const LimitedLayer = Layer.effect(
  Limited,
  Effect.gen(function* () {
    const { admit } = yield* Limits
    const { identify } = yield* Callers
    return (handler, { endpoint, group }) => {
      const policy = annotationOf(LimitedBy, { endpoint, group })
      if (policy === "none") return handler
      const admitted = admit(policy)(handler)
      return policy === "key" ? Effect.andThen(identify, admitted) : admitted
    }
  })
)
