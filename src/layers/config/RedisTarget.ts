import { Redacted, Result, Schema } from "effect"
import { codec } from "./Codecs.ts"
import { addressOf, foundInUrl } from "./Url.ts"
import type { Address } from "./Url.ts"

const node = { host: Schema.String, port: Schema.Number }

/** Location of the counters of the limiter: in this process, on one server, or on a cluster. */
export const RedisTarget = Schema.Union([
  Schema.TaggedStruct("Embedded", {}),
  Schema.TaggedStruct("Single", { url: Schema.Redacted(Schema.String), tls: Schema.Boolean, ...node }),
  Schema.TaggedStruct("Cluster", {
    nodes: Schema.Array(Schema.Struct(node)),
    username: Schema.UndefinedOr(Schema.String),
    password: Schema.UndefinedOr(Schema.Redacted(Schema.String)),
    tls: Schema.Boolean
  })
])
export type RedisTarget = typeof RedisTarget.Type

export const embeddedRedis: RedisTarget = { _tag: "Embedded" }

const singleOf = ({ host, path, port, url }: Address): Result.Result<RedisTarget, string> => {
  if (host === "") return Result.fail(foundInUrl.noName)
  if (!/^\d{0,9}$/.test(path)) return Result.fail(foundInUrl.badParameter)
  // Other clients define these parameters; ioredis would read them as its own options.
  const plain = new URL(url)
  plain.search = ""
  return Result.succeed({
    _tag: "Single",
    url: Redacted.make(plain.href),
    host,
    port,
    tls: url.protocol === "rediss:"
  })
}

/** Parses each node as its own URL, because a URL has one host. Only the first URL has the credentials. */
const clusterOf = (text: string): Result.Result<RedisTarget, string> => {
  const [, scheme = "", credentials = "", hosts = ""] = /^(rediss?)\+cluster:\/\/(?:(.*)@)?(.*?)\/?$/is.exec(text) ?? []
  // Credentials with each node.
  if (/@.*,/.test(credentials)) return Result.fail(foundInUrl.malformed)
  const [first, ...others] = hosts.split(",")
  const addresses = [`redis://${credentials}@${first}`, ...others.map((host) => `redis://${host}`)].map((node) =>
    addressOf(node, 6379)
  )
  const nodes = addresses.flatMap((address) => (address ? [{ host: address.host, port: address.port }] : []))
  const head = addresses[0]
  if (head === undefined || nodes.length < addresses.length) return Result.fail(foundInUrl.malformed)
  if (nodes.some(({ host }) => host === "")) return Result.fail(foundInUrl.noName)
  if (addresses.some((address) => address?.path || address?.url.search)) return Result.fail(foundInUrl.badParameter)
  const password = decodeURIComponent(head.url.password)
  return Result.succeed({
    _tag: "Cluster",
    nodes,
    username: head.username || undefined,
    password: password === "" ? undefined : Redacted.make(password),
    tls: scheme.toLowerCase() === "rediss"
  })
}

/** Returns `host:port` of each node, or `embedded (in the process)`; no user and no password. */
export const describeRedis = (target: RedisTarget): string => {
  if (target._tag === "Embedded") return "embedded (in the process)"
  const nodes = target._tag === "Single" ? [target] : target.nodes
  return nodes.map(({ host, port }) => `${host}:${port}`).join(",")
}

/** `TBG_REDIS_URL` (contract section 6). */
export const redisUrl = codec(
  RedisTarget,
  "redis://HOST:PORT[/NUMBER], rediss://HOST:PORT, redis+cluster://HOST:PORT,HOST:PORT or embedded",
  (text) => {
    if (text === "embedded") return Result.succeed(embeddedRedis)
    if (/^rediss?\+cluster:\/\//i.test(text)) return clusterOf(text)
    const address = addressOf(text, 6379)
    if (address === undefined) return Result.fail(foundInUrl.malformed)
    return /^rediss?:$/.test(address.url.protocol) ? singleOf(address) : Result.fail(foundInUrl.otherScheme)
  },
  (target) => {
    if (target._tag === "Embedded") return "embedded"
    return `redis${target.tls ? "s" : ""}${target._tag === "Cluster" ? "+cluster" : ""}://${describeRedis(target)}`
  }
)
