import type { IncomingMessage } from "node:http"
import type { RouteMethod } from "../middleware/Allow.ts"
import { isPreflight } from "../middleware/Cors.ts"
import { makePathTable } from "../middleware/PathTable.ts"

/** Whether a request has a lane of its own. */
export type Lane = (request: Pick<IncomingMessage, "headers" | "method" | "url">) => boolean

/** What is routed: of a target that is an absolute URL its path, as the server reads it. */
const routed = (target: string): string => {
  const url = /^https?:\/\//i.test(target) ? URL.parse(target) : null
  return url === null ? target : url.pathname + url.search
}

/**
 * Which requests never wait and are never refused: those of the routes annotated as probes, so that whoever watches an
 * overloaded service still sees it; and preflights, as they ask about a request and are none, and a browser does not
 * tell of a refusal that it had no leave for. Asked for only when it is full, so a request in calm costs no look into a
 * table.
 */
export const makeLane = (routes: Iterable<RouteMethod>): Lane => {
  const probes = [...routes].filter(({ isProbe }) => isProbe === true)
  const probeAt = makePathTable(probes.map(({ path }) => [path, true]))
  return ({ headers, method = "", url = "" }) =>
    method === "GET" || method === "HEAD" ? probeAt(routed(url)) === true : isPreflight(method, headers)
}
