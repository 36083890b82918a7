import { Context, Effect, Layer } from "effect"
import { HttpServerRequest } from "effect/http"
import { Authorization } from "../api/Authorization.ts"
import { BearerIdentity } from "../api/BearerIdentity.ts"
import { Limited } from "../api/Limited.ts"
import { Matched } from "../api/Matched.ts"
import { Payload } from "../api/Payload.ts"

/** What stands around endpoints. */
type Around = Authorization | BearerIdentity | Limited | Matched | Payload
const around = Context.pick(Authorization, BearerIdentity, Limited, Matched, Payload, HttpServerRequest.MaxBodySize)

/**
 * A group of handlers that keeps nothing else of what is in scope where it is made: all that it keeps is copied into the
 * context of every request. What the handlers need is taken before.
 */
export const lean = <A, E>(group: Layer.Layer<A, E, Around>): Layer.Layer<A, E, Around> =>
  Layer.fromBuild((memoMap, scope) =>
    Effect.updateContext(Layer.buildWithMemoMap(group, memoMap, scope), (inScope: Context.Context<Around>) =>
      around(inScope)
    )
  )
