import { Context, Effect, Layer, Schedule } from "effect"
import type { ServerResponse } from "node:http"
import type { Code } from "./Errors.ts"
import type { Arrival } from "./gate/Arrival.ts"
import type { Lane } from "./gate/Lane.ts"
import { makeLine } from "./gate/Line.ts"
import { lookMs, makeLoad } from "./gate/Load.ts"
import type { LoadOptions } from "./gate/Load.ts"
import { makeRefusals } from "./gate/Refusals.ts"

/** Where requests wait until they may begin, for whoever knows which of them need not and when one has ended. */
export class Gate extends Context.Service<
  Gate,
  {
    /** From now on requests of this lane go past it. */
    readonly open: (lane: Lane) => void
    /** A request that had begun has its response; `isAnswered` unless its caller has gone. */
    readonly ended: (isAnswered: boolean) => void
  }
>()("tbg-api/http/Gate") {
  /** One that is always open, where requests come from no server. */
  static readonly layerOpen = Layer.succeed(Gate, { open: () => {}, ended: () => {} })
}

/** A request at the gate. */
export interface Place {
  readonly request: Arrival
  readonly response: ServerResponse
  /** Hands the request to who listens for it; false where nobody does yet. */
  readonly begin: () => boolean
}

interface Waiting extends Place {
  /** It has begun, was refused, or its caller has gone. */
  hasLeft: boolean
}

export interface GateOptions extends LoadOptions {
  readonly requestTimeoutMs: number
  /** Answers a request that will not begin. */
  readonly refuse: (place: Place, code: Code) => void
  /** Is told of a request whose caller has gone before it began. */
  readonly lost: (place: Place) => void
}

/**
 * Lets requests in as there is room (Capacity.ts), before anything is made for them: one that waits here is what Node made
 * of it, and one that is refused costs little more than that. It goes through no route and none of their middleware.
 */
export const makeGate = Effect.fnUntraced(function* (options: GateOptions) {
  const { lost, refuse, requestTimeoutMs } = options
  const load = yield* makeLoad(options)
  const line = makeLine<Waiting>()
  let isExempt: Lane = () => false
  const refuseInTurn = yield* makeRefusals((place: Place) => refuse(place, "OVERLOADED"))
  let isDue = false

  /** False while the server listens and the service does not, for a moment at the start. */
  const letIn = (place: Place): boolean => {
    load.begun += 1
    const hasBegun = place.begin()
    if (!hasBegun) load.begun -= 1
    return hasBegun
  }
  const leave = (waiting: Waiting): void => {
    waiting.hasLeft = true
    load.waiting -= 1
  }
  const letInNext = (): void => {
    isDue = false
    while (load.waiting > 0 && load.begun < load.room) {
      const waiting = line.take()
      if (waiting === undefined || waiting.hasLeft) continue
      if (!letIn(waiting)) return line.add(waiting)
      leave(waiting)
    }
  }
  const refuseOverdue = (): void => {
    const oldest = performance.now() - requestTimeoutMs
    for (let first = line.first(); first !== undefined; first = line.first()) {
      if (!first.hasLeft && first.request.arrivedAt > oldest) return
      line.take()
      if (first.hasLeft) continue
      leave(first)
      refuse(first, "SERVICE_UNAVAILABLE")
    }
  }
  const wait = (place: Place): void => {
    const waiting: Waiting = { ...place, hasLeft: false }
    load.waiting += 1
    line.add(waiting)
    place.response.on("close", () => {
      if (waiting.hasLeft) return
      leave(waiting)
      lost(waiting)
    })
  }

  /** Decides about a request that has arrived. */
  const arrive = (place: Place): void => {
    const { begun, capacity, room, waiting } = load
    const { method = "", url = "" } = place.request
    // A preflight asks about a request and is none; without an answer a browser would not even tell of the refusal.
    const goesIn = (waiting === 0 && begun < room && begun < capacity) || method === "OPTIONS" || isExempt(method, url)
    if (goesIn && letIn(place)) return
    if (goesIn || begun + waiting < capacity) return wait(place)
    load.shed()
    refuseInTurn(place)
  }
  const ended = (isAnswered: boolean): void => {
    load.begun -= 1
    if (isAnswered) load.answered += 1
    if (load.waiting === 0 || isDue) return
    isDue = true
    setImmediate(letInNext)
  }
  const look = Effect.andThen(
    load.look,
    Effect.sync(() => {
      refuseOverdue()
      letInNext()
    })
  )
  yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(lookMs)))
  return { arrive, service: Gate.of({ open: (lane) => (isExempt = lane), ended }) }
})
