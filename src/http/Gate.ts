import { Context, Effect, Layer, Schedule } from "effect"
import type { ServerResponse } from "node:http"
import { hasBody } from "./gate/Arrival.ts"
import type { Arrival, Fate } from "./gate/Arrival.ts"
import type { Lane } from "./gate/Lane.ts"
import { makeLine } from "./gate/Line.ts"
import { lookMs, makeLoad } from "./gate/Load.ts"
import type { LoadOptions } from "./gate/Load.ts"
import { makeRefusals } from "./gate/Refusals.ts"
import { sweeps } from "./middleware/Deadline.ts"

/** Where requests wait until they may begin, for whoever knows which of them need not and when one has ended. */
export class Gate extends Context.Service<
  Gate,
  {
    /** From now on requests of this lane go past it. */
    readonly exempt: (lane: Lane) => void
    /** A request that had begun has its response; `isAnswered` unless its caller has gone. */
    readonly ended: (isAnswered: boolean) => void
    /** From now on refusals leave at once, as the server is about to close. */
    readonly hurry: () => void
    /** How those at work are answered when the server can wait for them no longer. */
    readonly onCut: (answer: () => void) => void
  }
>()("tbg-api/http/Gate") {
  /** One that is always open, where requests come from no server. */
  static readonly layerTest = Layer.succeed(Gate, {
    exempt: () => {},
    ended: () => {},
    hurry: () => {},
    onCut: () => {}
  })
}

/** A request at the gate. */
export interface Place {
  readonly request: Arrival
  readonly response: ServerResponse
  /** Hands the request to who listens for it; false where nobody does yet. */
  readonly begin: () => boolean
}

interface Waiting extends Place {
  /** It has begun, or been turned away. */
  hasLeft: boolean
}

export interface GateOptions extends LoadOptions {
  readonly requestTimeoutMs: number
}

/**
 * Hands over a request that the edge answers at once. Nobody to do so means that the server closes, or has just begun.
 */
const turnAway = ({ begin, request }: Place, fate: Fate): void => {
  request.fate = fate
  if (!begin()) request.destroy()
}

/**
 * Lets requests in as there is room (Capacity.ts), before anything is made for them: one that waits here is what Node
 * made of it. So is one that is refused until its refusal leaves; the edge makes that, as it makes every response.
 */
export const makeGate = Effect.fnUntraced(function* (options: GateOptions) {
  const { requestTimeoutMs } = options
  const load = yield* makeLoad(options)
  const line = makeLine<Waiting>()
  const refusals = yield* makeRefusals((place: Place) => turnAway(place, place.response.destroyed ? "gone" : "refused"))
  let isExempt: Lane = () => false
  let isDue = false
  let answerBegun = (): void => {}

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
    // One that ends as soon as it begins makes room for the next: that has its own turn, or all of them would be this one.
    let begun = 0
    for (let first = line.first(); first !== undefined; first = line.first()) {
      if (!first.hasLeft) {
        if (load.begun >= load.room || begun >= load.room || !letIn(first)) return
        begun += 1
        leave(first)
      }
      line.take()
    }
  }
  const refuseBefore = (oldest: number): void => {
    for (let first = line.first(); first !== undefined; first = line.first()) {
      if (!first.hasLeft) {
        if (first.request.arrivedAt > oldest) return
        leave(first)
        turnAway(first, "late")
      }
      line.take()
    }
  }
  const refuseOverdue = Effect.sync(() => refuseBefore(performance.now() - requestTimeoutMs))
  const wait = (place: Place): void => {
    const waiting: Waiting = { ...place, hasLeft: false }
    load.waiting += 1
    line.add(waiting)
    place.response.on("close", () => {
      if (waiting.hasLeft) return
      leave(waiting)
      turnAway(waiting, "gone")
    })
  }

  /** Decides about a request that has arrived. */
  const arrive = (place: Place): void => {
    const { begun, capacity, room, waiting } = load
    const { request } = place
    const goesIn = (waiting === 0 && begun < room && begun < capacity) || isExempt(request)
    if (goesIn && letIn(place)) return
    // A socket that is closed has forgotten the address of its peer, unless it was asked before.
    void request.socket.remoteAddress
    if (goesIn || begun + waiting < capacity) return wait(place)
    load.shed()
    // A body would be kept until its request is answered.
    if (hasBody(request.headers)) turnAway(place, "refused")
    else refusals.add(place)
  }
  const ended = (isAnswered: boolean): void => {
    load.begun -= 1
    if (isAnswered) load.answered += 1
    if (load.waiting === 0 || isDue) return
    isDue = true
    setImmediate(letInNext)
  }
  const look = Effect.andThen(load.look, Effect.sync(letInNext))
  yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(lookMs)))
  yield* Effect.forkScoped(Effect.repeat(refuseOverdue, sweeps(requestTimeoutMs)))
  const service = Gate.of({
    exempt: (lane) => (isExempt = lane),
    ended,
    hurry: refusals.hurry,
    onCut: (answer) => (answerBegun = answer)
  })
  /** Answers all that have none yet, as their connections are about to be cut. */
  const answerAll = Effect.sync(() => {
    refuseBefore(Number.POSITIVE_INFINITY)
    answerBegun()
  })
  return { arrive, answerAll, service }
})
