// Fastify with its usual plugins for the work of the edge, configured as documented. As in this service, there is one log
// line per request, probes are not logged, and responses are serialized by schema. With the argument `helmet`, the plugin
// sets the security headers; otherwise they are constants.
import cors from "@fastify/cors"
import helmet from "@fastify/helmet"
import rateLimit from "@fastify/rate-limit"
import { fastify, LogController } from "fastify"
import type { FastifyReply, FastifyRequest } from "fastify"
import { Redis } from "ioredis"
import { randomUUID } from "node:crypto"
import { pino } from "pino"
import { Histogram, Registry } from "prom-client"
import { securityHeaders } from "../../src/http/middleware/SecurityHeaders.ts"
import { addPosts } from "./posts.ts"
import { version } from "./version.ts"

const redisUrl = process.env["TBG_REDIS_URL"]
const accepted = /^[A-Za-z0-9._:-]{1,128}$/

const server = fastify({
  handlerTimeout: 10_000,
  trustProxy: redisUrl === undefined ? false : "127.0.0.1",
  loggerInstance: pino({ level: "info" }, pino.destination({ dest: 1, minLength: 4096, sync: false })),
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: ({ headers: { "x-request-id": given } }) =>
    typeof given === "string" && accepted.test(given) ? given : randomUUID()
})

const seconds = new Histogram({
  name: "http_request_duration_seconds",
  help: "Time to answer a request",
  labelNames: ["method", "route", "status"],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [new Registry()]
})

const { "cache-control": cacheControl, ...constants } = securityHeaders(false)
const hasHelmet = process.argv[2] === "helmet"
const fixed = { "cache-control": cacheControl, ...(hasHelmet ? {} : constants) }

// The same headers as the constants. The plugin uses capital letters and no spaces.
const none = ["'none'"]
const sameHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: none, frameAncestors: none, baseUri: none, formAction: none }
  },
  referrerPolicy: { policy: "no-referrer" },
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: false,
  originAgentCluster: false,
  strictTransportSecurity: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xPoweredBy: false,
  xXssProtection: false
} as const
if (hasHelmet) await server.register(helmet, sameHeaders)

await server.register(cors, { origin: ["http://localhost:3000", "http://localhost:5173"], credentials: true })

// The limiter, if there is a Redis, configured as documented, with our limit.
if (redisUrl !== undefined) {
  const redis = new Redis(redisUrl, { connectTimeout: 500, maxRetriesPerRequest: 1 })
  const keyGenerator = ({ headers, ip }: FastifyRequest): string => headers.authorization ?? ip
  await server.register(rateLimit, { max: 1_000_000, timeWindow: 1000, redis, skipOnError: true, keyGenerator })
}

server.addHook("onRequest", (request, reply, done) => {
  reply.headers(fixed).header("x-request-id", request.id)
  done()
})

const observe = ({ elapsedTime, request, statusCode }: FastifyReply): void => {
  const route = request.routeOptions.url ?? "unmatched"
  seconds.observe({ method: request.method, route, status: statusCode }, elapsedTime / 1000)
}

server.addHook("onResponse", (request, reply, done) => {
  observe(reply)
  request.log.info(
    {
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      duration_ms: reply.elapsedTime,
      bytes: Number(reply.getHeader("content-length")),
      client_address: request.ip,
      user_agent: request.headers["user-agent"]
    },
    "request"
  )
  done()
})

const text = { type: "string" }
const health = { type: "object", properties: { status: text } }
const about = {
  type: "object",
  properties: { version: text, environment: text, build_sha: text, uptime_seconds: { type: "number" }, schema: text }
}

server.get(
  "/health",
  { logLevel: "warn", config: { rateLimit: false }, schema: { response: { 200: health } } },
  (_request, reply) => {
    reply.send({ status: "healthy" })
  }
)
server.get("/version", { schema: { response: { 200: about } } }, (_request, reply) => {
  reply.send(version())
})

const { TBG_DATABASE_URL: databaseUrl, TBG_SECRET_KEY: secret } = process.env
if (databaseUrl !== undefined && secret !== undefined) await addPosts(server, databaseUrl, secret)

await server.listen({ host: "127.0.0.1", port: Number(process.env["TBG_PORT"]) })
