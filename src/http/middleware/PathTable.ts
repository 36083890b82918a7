import { FindMyWay } from "effect/http"
import { maxHeaderSize } from "node:http"

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

const isPathInput = (path: string): path is FindMyWay.PathInput => path.startsWith("/")

/** What is known of request targets, by the template of their path; looked up by the rules of the router. */
export const makePathTable = <A>(
  entries: Iterable<readonly [template: string, value: A]>
): ((target: string) => A | undefined) => {
  const table = FindMyWay.make<A>(routerConfig)
  for (const [template, value] of entries) if (isPathInput(template)) table.all(template, value)
  return (target) => (isExact(target) ? table.find("GET", target)?.handler : undefined)
}

/** A request target without its query. */
export const pathOf = (target: string): string => {
  const end = target.search(/[?#]/)
  return end === -1 ? target : target.slice(0, end)
}

/** Path and query of a request target, which may be an absolute URL. */
export const pathOfTarget = (target: string): string => {
  const url = /^https?:\/\//i.test(target) ? URL.parse(target) : null
  return url === null ? target : url.pathname + url.search
}
