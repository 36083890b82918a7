// Lower bound for any service on Node.js: its HTTP server with two constant routes.
import { createServer } from "node:http"
import { version } from "./version.ts"

const bodies: Readonly<Record<string, () => unknown>> = {
  "/health": () => ({ status: "healthy" }),
  "/version": version
}

createServer((request, response) => {
  const body = JSON.stringify(bodies[request.url ?? ""]?.())
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
  response.end(body)
}).listen(Number(process.env["TBG_PORT"]), "127.0.0.1")
