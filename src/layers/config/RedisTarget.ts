import { Schema } from "effect"
import { addressOf, codec, Port, redacted } from "./Codecs.ts"

const Node = Schema.Struct({ host: Schema.NonEmptyString, port: Port })

const Login = Schema.Struct({
  /** Empty for the default user. */
  username: Schema.String,
  /** Empty if there is none. */
  password: Schema.RedactedFromValue(Schema.String),
  tls: Schema.Boolean
})

/** Location of the rate-limit counters. */
const RedisTarget = Schema.Union([
  Schema.TaggedStruct("Embedded", {}),
  Schema.TaggedStruct("Single", {
    ...Node.fields,
    /** Number of the database. */
    number: Schema.Int,
    ...Login.fields
  }),
  Schema.TaggedStruct("Cluster", { nodes: Schema.Array(Node), ...Login.fields })
])
export type RedisTarget = typeof RedisTarget.Type

export const embeddedRedis: RedisTarget = { _tag: "Embedded" }

const singleOf = (text: string) => {
  const address = addressOf(text, 6379)
  if (address === undefined || !/^rediss?:$/.test(address.url.protocol) || !/^\d{0,9}$/.test(address.path))
    return undefined
  return { _tag: "Single", ...address, number: Number(address.path), tls: address.url.protocol === "rediss:" }
}

/** Parses each node as its own URL, because a URL has one host. */
const clusterOf = ([, scheme = "", credentials = "", hosts = ""]: RegExpExecArray) => {
  const nodes = hosts.split(",").map((host) => addressOf(`redis://${credentials}@${host}`, 6379))
  const isPlain = nodes.every((node) => node?.path === "" && node.url.search === "")
  // Credentials per node are not supported.
  if (!isPlain || /@.*,/.test(credentials)) return undefined
  const { password, username } = nodes[0] ?? {}
  return { _tag: "Cluster", nodes, username, password, tls: scheme.toLowerCase() === "rediss" }
}

/** Returns `host:port` of each node, or `embedded (in the process)`; no user and no password. */
export const describeRedis = (target: RedisTarget): string => {
  if (target._tag === "Embedded") return "embedded (in the process)"
  const nodes = target._tag === "Single" ? [target] : target.nodes
  return nodes.map(({ host, port }) => `${host}:${port}`).join(",")
}

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
