import { makePathTable } from "./PathTable.ts"

export interface RouteMethod {
  readonly method: string
  readonly path: string
  /** Whether monitoring asks for it (`IsProbe`). */
  readonly isProbe?: boolean
}

/** HEAD is answered wherever GET is, and OPTIONS everywhere. */
const allowOf = (methods: ReadonlySet<string>): string =>
  [...methods]
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))
    .concat("OPTIONS")
    .join(", ")

/**
 * The `Allow` of a request target, from the table of routes: the methods that its path knows; empty for no route. `*`
 * stands for the server itself, which knows them all.
 */
export const makeAllow = (routes: Iterable<RouteMethod>) => {
  const methodsByPath = Map.groupBy(routes, ({ path }) => path)
  const allowAt = makePathTable(
    [...methodsByPath].map(([path, known]) => [path, allowOf(new Set(known.map(({ method }) => method)))])
  )
  const all = allowOf(new Set([...methodsByPath.values()].flat().map(({ method }) => method)))
  return (target: string): string => (target === "*" ? all : (allowAt(target) ?? ""))
}
