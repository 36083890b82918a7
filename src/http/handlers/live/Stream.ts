import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import { addressOf } from "../../../domain/live/Topic.ts"
import type { Topic } from "../../../domain/live/Topic.ts"
import { Accounts } from "../../../services/auth/Accounts.ts"
import { liveCursors } from "../../../services/live/LiveCursors.ts"
import { LiveHub } from "../../../services/live/LiveHub.ts"
import { LiveTickets } from "../../../services/live/LiveTickets.ts"
import type { Subscription } from "../../../services/live/Subscription.ts"
import { Miners } from "../../../services/mining/Miners.ts"
import { MinerVisibility, Viewer } from "../../../services/mining/MinerVisibility.ts"
import { RequestContext } from "../../api/RequestContext.ts"
import { GivenSession } from "../../api/SignedIn.ts"
import { InvalidToken, NotFound, Overloaded } from "../../Errors.ts"
import { nodeResponseOf } from "../../middleware/NodeResponse.ts"
import { rawStream } from "../../middleware/RawStream.ts"
import { StreamAdmission } from "../../middleware/StreamAdmission.ts"
import { NodeSink } from "./NodeSink.ts"
import { requestedTopics } from "./Topics.ts"

const headers = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // nginx would collect events in a buffer.
  "x-accel-buffering": "no"
}

export interface StreamRequest {
  readonly topics: ReadonlyArray<Topic>
  /** `Last-Event-ID`, which the browser sends when it reconnects. */
  readonly lastEventId: string | undefined
  readonly cursor: string | undefined
  readonly ticket: string | undefined
}

/** Opens live streams. All that can be refused is refused before the head of the response. */
export const liveStreams = Effect.gen(function* () {
  const { admit } = yield* StreamAdmission
  const { addressesOf } = yield* Accounts
  const { decode } = yield* liveCursors
  const hub = yield* LiveHub
  const tickets = yield* LiveTickets
  const miners = yield* Miners
  const { hiddenOf } = yield* MinerVisibility
  const topicsOf = yield* requestedTopics

  const isResumed = ({ lastEventId }: StreamRequest): boolean =>
    lastEventId !== undefined && decode(lastEventId) !== undefined
  const refuseTicket = () => Effect.fail(new InvalidToken())

  const sessionOf = Effect.fnUntraced(function* (request: StreamRequest) {
    const { ticket } = request
    if (ticket === undefined) return yield* GivenSession
    return yield* Effect.catchTag(tickets.find(ticket, isResumed(request)), "TicketInvalid", refuseTicket)
  })

  /** Uses the ticket. HEAD opens no stream. */
  const openTicket = Effect.fnUntraced(function* (request: StreamRequest, method: string) {
    const { ticket } = request
    if (ticket === undefined || method === "HEAD") return undefined
    const opened = yield* Effect.catchTag(tickets.open(ticket, isResumed(request)), "TicketInvalid", refuseTicket)
    return opened.ticket
  })

  /** Fails unless all miners exist and the caller may see them. */
  const requireMiners = Effect.fnUntraced(function* (topics: ReadonlyArray<Topic>) {
    const addresses = topics.flatMap((topic) => addressOf(topic) ?? [])
    if (addresses.length === 0) return
    const known = yield* miners.withShares(addresses)
    const hidden = yield* hiddenOf(addresses)
    if (addresses.some((address) => !known.has(address) || hidden.has(address))) return yield* new NotFound()
  })

  return Effect.fnUntraced(function* (request: StreamRequest) {
    const httpRequest = yield* HttpServerRequest.HttpServerRequest
    const response = nodeResponseOf(httpRequest)
    const { clientAddress } = yield* RequestContext
    if (response === undefined || !admit(clientAddress, response)) return yield* new Overloaded()
    const session = yield* sessionOf(request)
    const viewer = session?.accountId
    const topics = yield* Effect.provideService(topicsOf(request.topics), Viewer, viewer)
    yield* Effect.provideService(requireMiners(topics), Viewer, viewer)
    const subscription: Subscription = {
      topics,
      session,
      own: viewer === undefined ? [] : yield* addressesOf(viewer),
      // Last, so that a request that is refused does not use the ticket up.
      ticket: yield* openTicket(request, httpRequest.method),
      cursor: request.lastEventId ?? request.cursor
    }
    return rawStream((response) => {
      const sink = new NodeSink(response)
      const { onClose } = hub.open(subscription, sink)
      response.once("close", onClose)
      return () => sink.bytes
    }, headers)
  })
})
