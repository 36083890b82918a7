import { FindMyWay } from "effect/http"
import { isPathInput, routerConfig } from "../middleware/Allow.ts"
import type { RouteMethod } from "../middleware/Allow.ts"

/** Whether a request has a lane of its own. */
export type Lane = (method: string, target: string) => boolean

/**
 * Which requests never wait and are never refused: those of the routes annotated as probes, so that whoever watches an
 * overloaded service still sees it. Asked for only when it is full, so a request in calm costs no look into a table.
 */
export const makeLane = (routes: Iterable<RouteMethod>): Lane => {
  const table = FindMyWay.make<true>(routerConfig)
  for (const { isProbe, path } of routes) {
    if (isProbe === true && isPathInput(path)) table.all(path, true)
  }
  return (method, target) => (method === "GET" || method === "HEAD") && table.find("GET", target) !== undefined
}
