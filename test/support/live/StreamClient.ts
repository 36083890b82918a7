import { Duration, Effect, Schema } from "effect"
import { Sse } from "effect/encoding"
import { request } from "node:http"
import type { IncomingMessage } from "node:http"

export interface StreamClientOptions {
  readonly port: number
  /** Loopback address of the client. */
  readonly localAddress: string
  readonly path: string
}

const decodeBye = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({ reconnect_ms: Schema.Int })))
const decodeBlock = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({ height: Schema.Int })))

/** Reads a live stream as `EventSource` does, and reconnects until it is interrupted. */
export const streamClient = Effect.fnUntraced(function* ({ localAddress, path, port }: StreamClientOptions) {
  const heights: Array<number> = []
  const waits: Array<number> = []
  const problems: Array<string> = []
  let lastEventId: string | undefined
  let retry = 0

  const receive = (event: Sse.AnyEvent): void => {
    if (event._tag === "Retry") {
      retry = Duration.toMillis(event.duration)
      return
    }
    lastEventId = event.id
    if (event.event === "network") heights.push(decodeBlock(event.data).height)
    else if (event.event === "bye") waits.push(decodeBye(event.data).reconnect_ms)
    else if (event.event === "reset" || event.event === "gap") problems.push(event.event)
  }

  /** Ends with the stream. A refused connection is retried, as browsers do; another status is not. */
  const connection = Effect.callback<void>((resume) => {
    const parser = Sse.makeParser(receive, { dispatchEmptyNamedEvents: true })
    const headers = {
      accept: "text/event-stream",
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId })
    }
    const read = (response: IncomingMessage): void => {
      const isStream = response.statusCode === 200
      response.setEncoding("utf8").on("data", (text: string) => {
        if (isStream) parser.feed(text)
        else problems.push(`${response.statusCode} ${text}`)
      })
      response.on("error", () => {})
    }
    const asked = request({ host: "127.0.0.1", port, path, localAddress, agent: false, headers }, read)
    asked.on("error", () => {}).on("close", () => resume(Effect.void))
    asked.end()
    return Effect.sync(() => asked.destroy())
  })
  yield* connection.pipe(Effect.andThen(Effect.suspend(() => Effect.sleep(retry))), Effect.forever, Effect.forkScoped)
  return { heights, waits, problems }
})
