import { Effect } from "effect"
import { request } from "node:http"
import { httpStub } from "./HttpStub.ts"

/** A proxy that serves a port under a path prefix, which it removes; anything else is 404. Returns its URL. */
export const prefixProxy = (prefix: string, port: number) =>
  Effect.map(
    httpStub((response) => {
      const { headers, method, url = "" } = response.req
      if (!url.startsWith(`${prefix}/`)) return void response.writeHead(404).end()
      const forwarded = request(
        { port, host: "127.0.0.1", path: url.slice(prefix.length), method, headers },
        (answer) => {
          answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers))
        }
      )
      response.req.pipe(forwarded)
    }),
    ({ url }) => `${url}${prefix}`
  )
