import { toServerResponse } from "@effect/platform-node/NodeHttpServerRequest"
import { Context, Option, Predicate } from "effect"
import type { Fiber, Tracer } from "effect"
import { HttpTraceContext } from "effect/http"
import type { HttpServerRequest } from "effect/http"
import { IncomingMessage } from "node:http"
import type { ClientAddress } from "./ClientAddress.ts"
import type { Caller } from "../../domain/ApiKey.ts"
import type { Decision } from "../../domain/RateLimit.ts"
import { arrivalTime } from "../Admission.ts"
import { requestIdOf } from "./RequestId.ts"

/** What is known of a request, filled in on its way; of one shape, because one is made for every request. */
export class RequestInfo {
  readonly request: HttpServerRequest.HttpServerRequest
  id: string
  readonly method: string
  /** The request target. */
  readonly target: string
  readonly origin: string | undefined
  /** What the server knows of it. */
  readonly source: object
  /** When it arrived, in milliseconds of the process's monotonic clock. */
  readonly startedAt: number
  readonly fiber: Fiber.Fiber<unknown, unknown>
  readonly #clientAddressOf: ClientAddress
  readonly #headers: HttpServerRequest.HttpServerRequest["headers"]
  /** Of the connection; asked for at once, as one that is closed has forgotten it. */
  readonly #peer: string | undefined
  #clientAddress: string | undefined
  /** The matched route's template; never the raw path, of which there are endlessly many. */
  route = "unmatched"
  isProbe = false
  /** What the limiter said, where it was asked. */
  limit: Decision | undefined
  /** Whose API key came with it; undefined where none was looked for, or none was good. */
  caller: Caller | undefined
  /** Among those that run; -1 for none. */
  place = -1
  /** The deadline passed, and ended it. */
  isLate = false
  /** Its response has its last form, and is on its way. */
  isAnswered = false
  /** Its span, where requests are traced. */
  span: Tracer.Span | undefined

  constructor(
    request: HttpServerRequest.HttpServerRequest,
    fiber: Fiber.Fiber<unknown, unknown>,
    clientAddressOf: ClientAddress
  ) {
    this.request = request
    this.#headers = request.headers
    this.#peer = Option.getOrUndefined(request.remoteAddress)
    this.#clientAddressOf = clientAddressOf
    this.id = requestIdOf(request.headers["x-request-id"])
    this.method = request.method
    this.target = request.url
    this.origin = request.headers["origin"]
    this.source = request.source
    this.startedAt = arrivalTime(request.source)
    this.fiber = fiber
  }

  /** Made out when a limit or a log line asks for it. */
  get clientAddress(): string {
    return (this.#clientAddress ??= this.#clientAddressOf(this.#peer, this.#headers))
  }

  /** The span of the caller that it continues (W3C Trace Context). */
  get traceParent(): Option.Option<Tracer.ExternalSpan> {
    return HttpTraceContext.w3c(this.#headers)
  }

  /** Response that was already sent because the parser rejected the body. */
  get parserAnswer(): { readonly requestId: string; readonly status: number } | undefined {
    if (!(this.source instanceof IncomingMessage)) return undefined
    const response = toServerResponse(this.request)
    if (!response.headersSent) return undefined
    return { requestId: String(response.getHeader("x-request-id")), status: response.statusCode }
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
