import { Context, Effect, Layer } from "effect"

type Key = Context.Key<unknown, unknown>

/**
 * A group of handlers that keeps of what is in scope where it is made only these: what stands around its endpoints. All
 * that it keeps is copied into the context of every request, and four services too many cost a twelfth of /health
 *. What the handlers need is taken before.
 */
export const lean = <A, E, Keys extends ReadonlyArray<Key>>(
  group: Layer.Layer<A, E, Context.Service.Identifier<Keys[number]>>,
  ...around: Keys
) =>
  Layer.fromBuild((memoMap, scope) =>
    Effect.updateContext(
      Layer.buildWithMemoMap(group, memoMap, scope),
      (inScope: Context.Context<Context.Service.Identifier<Keys[number]>>) => Context.pick(...around)(inScope)
    )
  )
