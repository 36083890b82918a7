import { Effect, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { live } from "../../clients/typescript/src/index.ts"
import type { ClientOptions, LiveUpdate, Retry } from "../../clients/typescript/src/index.ts"
import { heartbeatFrame } from "../../src/domain/live/Frame.ts"
import { failures } from "../../src/http/ErrorCodes.ts"
import type { Code } from "../../src/http/ErrorCodes.ts"
import { endOfEventLoopTurn } from "./EventLoopTurn.ts"
import { scriptedNetwork } from "./ScriptedClient.ts"
import type { Turn } from "./ScriptedClient.ts"

export const blockAt = (height: number) => ({
  type: "network" as const,
  height,
  hash: null,
  difficulty: null,
  at: "2026-11-30T12:00:00.000000Z"
})
export const text = (id: string, data: { readonly type: string; readonly [key: string]: unknown }) =>
  `id: ${id}\nevent: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
export const block = (height: number) => text(`c${height}`, blockAt(height))
export const heartbeat = (id: string) => new TextDecoder().decode(heartbeatFrame(id))
export const reset = text("r", { type: "reset", reason: "too_old" })
export const bye = text("b", { type: "bye", reason: "draining", reconnect_ms: 7000 })

export const snapshot = (cursor: string) => Response.json({ state: { network: { network: null } }, cursor })

/** A body that stays open, and a function that sends text. */
export const openBody = () => {
  let send = (_text: string): void => {}
  const body = new ReadableStream({
    start: (controller) => {
      send = (text) => controller.enqueue(new TextEncoder().encode(text))
    }
  })
  return [body, (text: string) => send(text)] as const
}

/** A stream that the service sends in these pieces. */
export const stream = (pieces: ReadonlyArray<string>, ending: "ends" | "stays" = "ends") => {
  const [body, send] = openBody()
  for (const piece of pieces) send(piece)
  return new Response(ending === "stays" ? body : pieces.join(""))
}

export const failed = (code: Code, headers: Record<string, string> = {}) =>
  Response.json({ code }, { status: failures[code].status, headers })

/** Advances the clock, then lets the client read what has arrived. */
export const elapse = (millis: number) =>
  Effect.andThen(TestClock.adjust(millis), Effect.replicateEffect(endOfEventLoopTurn, 10, { discard: true }))

/** Cursor of a snapshot, id of a block, type of any other event. */
const nameOf = (update: LiveUpdate): string => {
  if (update.type === "snapshot") return update.cursor
  return update.type === "network" ? `c${update.height}` : update.type
}

/** Runs the client against a script, and records its updates, requests and waits. */
export const watched = Effect.fnUntraced(function* (script: ReadonlyArray<Turn>, options: Partial<ClientOptions> = {}) {
  const { layer, sent } = yield* scriptedNetwork(script)
  const updates: Array<string> = []
  const waits: Array<Retry> = []
  const fiber = yield* live(
    { baseUrl: "http://tbg.test/game", onRetry: (retry) => void waits.push(retry), ...options },
    ["network", "blocks"]
  ).pipe(
    Stream.runForEach((update) => Effect.sync(() => updates.push(nameOf(update)))),
    Effect.provide(layer),
    Effect.forkChild
  )
  yield* elapse(0)
  return {
    fiber,
    updates,
    waits,
    sent: Effect.map(Queue.takeAll(sent), (requests) =>
      requests.map(({ headers, url }) => [new URL(url).pathname.slice(1), headers["last-event-id"]])
    )
  }
})

/** Path of the stream. */
export const path = "game/api/v1/live"
