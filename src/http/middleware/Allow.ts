import { makePathTable } from "./PathTable.ts"

export interface RouteMethod {
  readonly method: string
  readonly path: string
  /** Whether monitoring polls it (`IsProbe`). */
  readonly isProbe?: boolean
}

/** HEAD is supported wherever GET is, and OPTIONS everywhere. */
const allowOf = (methods: ReadonlySet<string>): string =>
  [...methods]
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))
    .concat("OPTIONS")
    .join(", ")

/**
 * Returns `Allow` of a request target: the methods of its path, or "" if no route matches. `*` is the server itself,
 * which allows all methods of all routes.
 */
export const makeAllow = (routes: Iterable<RouteMethod>) => {
  const methodsByPath = Map.groupBy(routes, ({ path }) => path)
  const allowAt = makePathTable(
    [...methodsByPath].map(([path, group]) => [path, allowOf(new Set(group.map(({ method }) => method)))])
  )
  const all = allowOf(new Set([...methodsByPath.values()].flat().map(({ method }) => method)))
  return (target: string): string => (target === "*" ? all : (allowAt(target) ?? ""))
}
