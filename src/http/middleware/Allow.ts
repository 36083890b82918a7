import { FindMyWay } from "effect/http"
import { maxHeaderSize } from "node:http"

export interface RouteMethod {
  readonly method: string
  readonly path: string
  /** Whether monitoring asks for it (`IsProbe`). */
  readonly isProbe?: boolean
}

/**
 * Paths match exactly: `/Health`, `//health` and `/health/` are not `/health`. The router is made with the same rules. A
 * parameter may be as long as a request target, so that a name of any length is one, and is answered like any other.
 */
export const routerConfig = {
  caseSensitive: true,
  ignoreDuplicateSlashes: false,
  ignoreTrailingSlash: false,
  maxParamLength: maxHeaderSize
} as const

/** A `;` or a `#`, which the router takes for a `?`, or an empty segment, which it takes for a parameter. */
const inexact = /^[^?]*?(?:[;#]|\/\/|[^?]\/(?:\?|$))/

/** Whether the router may look a request target up: it would find a route for paths of which we know none. */
export const isExact = (target: string): boolean => !inexact.test(target)

export const isPathInput = (path: string): path is FindMyWay.PathInput => path.startsWith("/")

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
  const table = FindMyWay.make<string>(routerConfig)
  for (const [path, known] of methodsByPath) {
    if (isPathInput(path)) table.all(path, allowOf(new Set(known.map(({ method }) => method))))
  }
  const all = allowOf(new Set([...methodsByPath.values()].flat().map(({ method }) => method)))
  return (target: string): string => {
    if (target === "*") return all
    return isExact(target) ? (table.find("GET", target)?.handler ?? "") : ""
  }
}
