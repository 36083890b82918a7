import { Redacted, Result } from "effect"
import type { Kind } from "./Kind.ts"
import { addressOf, foundInUrl } from "./Url.ts"
import type { Address } from "./Url.ts"

interface Node {
  readonly host: string
  readonly port: number
}

/** Where the limiter counts: in this process, on one server, or on a cluster. */
export type RedisTarget =
  | { readonly _tag: "Embedded" }
  | ({ readonly _tag: "Single"; readonly url: Redacted.Redacted; readonly tls: boolean } & Node)
  | {
      readonly _tag: "Cluster"
      readonly nodes: ReadonlyArray<Node>
      readonly username: string | undefined
      readonly password: Redacted.Redacted | undefined
      readonly tls: boolean
    }

const singleOf = ({ host, path, port, url }: Address): Result.Result<RedisTarget, string> => {
  if (host === "") return Result.fail(foundInUrl.noName)
  if (!/^\d{0,9}$/.test(path)) return Result.fail(foundInUrl.badParameter)
  // Parameters are for the clients of other languages; ours would take them for options of its own.
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

/** URLs have one host; so each node is read as a URL of its own, and the credentials with the first. */
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

/** `TBG_REDIS_URL` (contract section 6). */
export const redisTarget: Kind<RedisTarget> = {
  wanted: "redis://HOST:PORT[/NUMBER], rediss://HOST:PORT, redis+cluster://HOST:PORT,HOST:PORT or embedded",
  parse: (text) => {
    if (text === "embedded") return Result.succeed({ _tag: "Embedded" })
    if (/^rediss?\+cluster:\/\//i.test(text)) return clusterOf(text)
    const address = addressOf(text, 6379)
    if (address === undefined) return Result.fail(foundInUrl.malformed)
    return /^rediss?:$/.test(address.url.protocol) ? singleOf(address) : Result.fail(foundInUrl.otherScheme)
  },
  show: (target) => {
    if (target._tag === "Embedded") return "embedded"
    return `redis${target.tls ? "s" : ""}${target._tag === "Cluster" ? "+cluster" : ""}://${describeRedis(target)}`
  }
}

/** `host:port`, for a cluster of each node, or `embedded (in the process)`; no user and no password. */
export const describeRedis = (target: RedisTarget): string => {
  if (target._tag === "Embedded") return "embedded (in the process)"
  const nodes = target._tag === "Single" ? [target] : target.nodes
  return nodes.map(({ host, port }) => `${host}:${port}`).join(",")
}
