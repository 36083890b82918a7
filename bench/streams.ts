// Memory of an open stream in three ways: `HttpApiSchema.StreamSse`, a `Stream` of bytes, and a plain Node response that
// outlives its fiber. Each has its own process. Prints a Markdown table. Argument: number of connections (5000). Needs Linux
// with two cores, and `ulimit -n` above the number of connections.
import { Effect, Schema } from "effect"
import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"
import { join } from "node:path"
import { moveToLoadCore, pinnedServer } from "./PinnedServer.ts"

const connections = Number(process.argv[2] ?? "5000")
const broadcasts = 3
const server = join(import.meta.dirname, "peers/streams.ts")

const Memory = Schema.Struct({ resident: Schema.Int, heap: Schema.Int, streams: Schema.Int })
const decodeMemory = Schema.decodeUnknownPromise(Memory)
const memoryOf = async (url: string) => decodeMemory(await (await fetch(`${url}/memory`)).json())

const open = async (url: string, way: string): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`GET /${way} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\n\r\n`)
  await once(socket, "data")
  socket.resume()
  return socket
}

const measure = Effect.fnUntraced(function* (way: string) {
  const { url } = yield* pinnedServer(["--expose-gc", server])
  const row = yield* Effect.promise(async () => {
    // The first streams compile the code.
    const first = await Promise.all(Array.from({ length: 50 }, () => open(url, way)))
    await fetch(`${url}/broadcast`, { method: "POST" })
    const before = await memoryOf(url)
    const sockets: Array<Socket> = []
    while (sockets.length < connections) {
      const rest = Math.min(100, connections - sockets.length)
      sockets.push(...(await Promise.all(Array.from({ length: rest }, () => open(url, way)))))
    }
    for (let n = 0; n < broadcasts; n++) await fetch(`${url}/broadcast`, { method: "POST" })
    const after = await memoryOf(url)
    for (const socket of [...first, ...sockets]) socket.destroy()
    const each = (bytes: number) => (bytes / (after.streams - before.streams) / 1024).toFixed(1)
    return `| ${way} | ${after.streams} | ${each(after.resident - before.resident)} KB | ${each(after.heap - before.heap)} KB |`
  })
  return row
})

moveToLoadCore()
process.stdout.write("| way | streams | resident each | heap each |\n|---|---|---|---|\n")
for (const way of ["sse", "bytes", "raw"]) {
  process.stdout.write(`${await Effect.runPromise(Effect.scoped(measure(way)))}\n`)
}
