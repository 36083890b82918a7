import { Schema } from "effect"
import { codec, redacted } from "./Codecs.ts"
import { addressOf, Port } from "./Url.ts"

const Node = Schema.Struct({ host: Schema.NonEmptyString, port: Port })

/** Location of the rate-limit counters. */
const RedisTarget = Schema.Union([
  Schema.TaggedStruct("Embedded", {}),
  Schema.TaggedStruct("Single", {
    url: Schema.RedactedFromValue(Schema.String),
    tls: Schema.Boolean,
    ...Node.fields
  }),
  Schema.TaggedStruct("Cluster", {
    nodes: Schema.Array(Node),
    username: Schema.UndefinedOr(Schema.String),
    password: Schema.UndefinedOr(Schema.RedactedFromValue(Schema.String)),
    tls: Schema.Boolean
  })
])
export type RedisTarget = typeof RedisTarget.Type

export const embeddedRedis: RedisTarget = { _tag: "Embedded" }

const singleOf = (text: string) => {
  const parsed = addressOf(text, 6379)
  if (parsed === undefined || !/^rediss?:$/.test(parsed.url.protocol) || !/^\d{0,9}$/.test(parsed.path))
    return undefined
  const { host, port, url } = parsed
  // Other clients define these parameters; ioredis would read them as its own options.
  url.search = ""
  return { _tag: "Single", url: url.href, host, port, tls: url.protocol === "rediss:" }
}

/** Parses each node as its own URL, because a URL has one host. */
const clusterOf = ([, scheme = "", credentials = "", hosts = ""]: RegExpExecArray) => {
  const nodes = hosts.split(",").map((host) => addressOf(`redis://${credentials}@${host}`, 6379))
  const isPlain = nodes.every((node) => node?.path === "" && node.url.search === "")
  // Credentials per node are not supported.
  if (!isPlain || /@.*,/.test(credentials)) return undefined
  const { password = "", username = "" } = nodes[0] ?? {}
  return {
    _tag: "Cluster",
    nodes,
    username: username || undefined,
    password: password || undefined,
    tls: scheme.toLowerCase() === "rediss"
  }
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
  {
    parse: (text) => {
      if (text === "embedded") return embeddedRedis
      const cluster = /^(rediss?)\+cluster:\/\/(?:(.*)@)?(.*?)\/?$/is.exec(text)
      return cluster === null ? singleOf(text) : clusterOf(cluster)
    },
    show: (target) => {
      if (target._tag === "Embedded") return "embedded"
      return `redis${target.tls ? "s" : ""}${target._tag === "Cluster" ? "+cluster" : ""}://${describeRedis(target)}`
    },
    redacted
  }
)
