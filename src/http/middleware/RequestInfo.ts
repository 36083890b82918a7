import { Context, Predicate } from "effect"
import type { Fiber } from "effect"
import type { HttpServerRequest } from "effect/http"
import { requestIdOf } from "./RequestId.ts"

/** What is known of a request, filled in on its way; of one shape, because one is made for every request. */
export class RequestInfo {
  readonly id: string
  readonly method: string
  /** The request target. */
  readonly target: string
  readonly origin: string | undefined
  /** What the server knows of it. */
  readonly source: object
  /** Milliseconds of the process's monotonic clock. */
  readonly startedAt: number
  readonly fiber: Fiber.Fiber<unknown, unknown>
  /** The matched route's template; never the raw path, of which there are endlessly many. */
  route = "unmatched"
  isProbe = false
  clientAddress = "unknown"
  /** The deadline passed, and ended it. */
  isLate = false

  constructor(request: HttpServerRequest.HttpServerRequest, fiber: Fiber.Fiber<unknown, unknown>) {
    this.id = requestIdOf(request.headers["x-request-id"])
    this.method = request.method
    this.target = request.url
    this.origin = request.headers["origin"]
    this.source = request.source
    this.startedAt = performance.now()
    this.fiber = fiber
  }

  /** Whether all of it has arrived, as far as the server can tell. */
  get isWhole(): boolean {
    return !(Predicate.hasProperty(this.source, "complete") && this.source.complete === false)
  }

  /** The target without its query, which may hold what no log and no body should. */
  get path(): string {
    const end = this.target.search(/[?#]/)
    return end === -1 ? this.target : this.target.slice(0, end)
  }
}

export class CurrentRequest extends Context.Service<CurrentRequest, RequestInfo>()("tbg-api/http/CurrentRequest") {}
