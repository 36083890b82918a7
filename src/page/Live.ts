import { call, read, root } from "./Api.ts"
import { makeBackoff } from "./Backoff.ts"
import { makePoll, pollMs } from "./Polling.ts"
import { isSignedIn } from "./Session.ts"
import { statesOfEvent, statesOfSnapshot } from "./States.ts"
import type { LiveEvent, SnapshotState, State, StreamEvent } from "./Wire.ts"

/** `live`: a stream is open; `polling`: the service has no stream for this page, so that the page asks again and again. */
export type Connection = "connecting" | "live" | "polling" | "offline"

export interface Listener {
  readonly onState: (state: State) => void
  readonly onEvent: (event: LiveEvent) => void
  readonly onConnection: (connection: Connection) => void
  /** The service knows no miner with this address, or hides it. */
  readonly onMissing: (status: number, message: string) => void
}

const eventTypes = ["share", "worker", "best", "block", "network", "summary", "board", "reset", "bye"] as const

/** How long to poll before asking for a stream again. */
const streamRetryMs = 30_000
/** A stream without any event for this time may be a dead connection. */
const silenceMs = 60_000

const ticketQuery = async (): Promise<string> => {
  if (!isSignedIn()) return ""
  const ticket = await call<{ ticket: string }>("api/v1/live/ticket", { method: "POST" })
  return ticket.isOk ? `&ticket=${encodeURIComponent(ticket.body.ticket)}` : ""
}

/** Keeps a page current: a snapshot and one stream while the page is visible, or polling if there is no stream. */
export const followLive = (topics: ReadonlyArray<string>, listener: Listener): { readonly restart: () => void } => {
  const query = encodeURIComponent(topics.join(","))
  const readTopics = makePoll(topics, listener.onState)
  const backoff = makeBackoff()
  let source: EventSource | undefined
  let timer = 0
  let silence = 0
  /** Failed attempts of the browser to reconnect the stream. */
  let errors = 0
  /** Increases with each start and stop, so that a late answer of an earlier one is ignored. */
  let attempt = 0

  const stop = () => {
    attempt++
    source?.close()
    source = undefined
    clearTimeout(timer)
    clearTimeout(silence)
  }

  const startIn = (ms: number) => {
    stop()
    timer = setTimeout(() => void start(), ms)
  }

  const lose = (retryAfterMs = 0) => {
    listener.onConnection(backoff.failures === 0 ? "connecting" : "offline")
    startIn(Math.max(retryAfterMs, backoff.next()))
  }

  const onEvent = (event: StreamEvent) => {
    clearTimeout(silence)
    silence = setTimeout(() => startIn(0), silenceMs)
    if (event.type === "reset") return startIn(0)
    if (event.type === "bye") return event.reason === "draining" ? undefined : startIn(event.reconnect_ms)
    if (event.type === "summary" || event.type === "board") return statesOfEvent(event).forEach(listener.onState)
    if (event.type !== "gap") listener.onEvent(event)
  }

  const open = (cursor: string, ticket: string) => {
    const stream = new EventSource(
      new URL(`api/v1/live?topics=${query}&cursor=${encodeURIComponent(cursor)}${ticket}`, root)
    )
    source = stream
    stream.addEventListener("open", () => {
      errors = 0
      backoff.reset()
      listener.onConnection("live")
    })
    // The browser reconnects by itself unless the service refused the stream.
    stream.addEventListener("error", () => {
      if (stream !== source) return
      if (stream.readyState === EventSource.CLOSED) void pollInstead()
      else listener.onConnection(++errors > 2 ? "offline" : "connecting")
    })
    for (const type of eventTypes) stream.addEventListener(type, ({ data }) => onEvent(JSON.parse(data)))
    silence = setTimeout(() => startIn(0), silenceMs)
  }

  const poll = async (mine: number, until: number) => {
    const failure = await readTopics()
    if (mine !== attempt) return
    if (failure?.status === 404 || failure?.status === 422) {
      listener.onMissing(failure.status, failure.message)
      return startIn(streamRetryMs)
    }
    if (failure !== undefined) return lose(failure.retryAfterMs)
    backoff.reset()
    listener.onConnection("polling")
    timer = setTimeout(() => void (performance.now() > until ? start() : poll(mine, until)), pollMs)
  }

  const pollInstead = () => {
    stop()
    return poll(attempt, performance.now() + streamRetryMs)
  }

  const start = async () => {
    stop()
    if (document.hidden) return
    const mine = attempt
    const snapshot = await read<{ state: SnapshotState; cursor: string }>(`live/snapshot?topics=${query}`)
    if (mine !== attempt) return
    if (!snapshot.isOk) {
      if (snapshot.status === 0 || snapshot.status === 429) return lose(snapshot.retryAfterMs)
      return pollInstead()
    }
    const { cursor, state } = snapshot.body
    statesOfSnapshot(state).forEach(listener.onState)
    const ticket = await ticketQuery()
    if (mine === attempt) open(cursor, ticket)
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : void start()))
  addEventListener("online", () => startIn(0))
  addEventListener("offline", () => {
    stop()
    listener.onConnection("offline")
  })
  void start()
  return { restart: () => startIn(0) }
}
