import { FindMyWay } from "effect/http"
import { maxHeaderSize } from "node:http"

/**
 * Router settings: paths match exactly, so `/Health`, `//health` and `/health/` are not `/health`. A parameter may be
 * as long as a request target, so that its endpoint can reject a long name with 422.
 */
export const routerConfig = {
  caseSensitive: true,
  ignoreDuplicateSlashes: false,
  ignoreTrailingSlash: false,
  maxParamLength: maxHeaderSize
} as const

/** Matches `;` and `#`, which the router reads as `?`, and empty segments, which it reads as parameters. */
const inexact = /^[^?]*?(?:[;#]|\/\/|[^?]\/(?:\?|$))/

/** Whether the router interprets a request target literally. */
export const isExact = (target: string): boolean => !inexact.test(target)

const isPathInput = (path: string): path is FindMyWay.PathInput => path.startsWith("/")

/** Looks up the value of the path template that a request target matches, as the router would. */
export const makePathTable = <A>(
  entries: Iterable<readonly [template: string, value: A]>
): ((target: string) => A | undefined) => {
  const table = FindMyWay.make<A>(routerConfig)
  for (const [template, value] of entries) if (isPathInput(template)) table.all(template, value)
  return (target) => (isExact(target) ? table.find("GET", target)?.handler : undefined)
}

export const pathOf = (target: string): string => {
  const end = target.search(/[?#]/)
  return end === -1 ? target : target.slice(0, end)
}

/** Path and query of a request target, which may be an absolute URL. */
export const pathOfTarget = (target: string): string => {
  const url = /^https?:\/\//i.test(target) ? URL.parse(target) : null
  return url === null ? target : url.pathname + url.search
}
