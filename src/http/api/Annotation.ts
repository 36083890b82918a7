import { Context } from "effect"

/** An endpoint or a group. */
export interface Annotated {
  readonly annotations: Context.Context<never>
}

/** What an endpoint is annotated with, or else its group. */
export const annotationOf = <A>(
  annotation: Context.Reference<A>,
  { endpoint, group }: { readonly endpoint: Annotated; readonly group: Annotated }
): A => Context.get(Context.merge(group.annotations, endpoint.annotations), annotation)
