import { BlockList, isIP } from "node:net"

type RequestHeaders = Readonly<Record<string, string | undefined>>

/** The eight groups of an IPv6 address, without its zone; the URL parser brings every spelling to one. */
const groupsOf = (address: string): ReadonlyArray<string> => {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = "", tail] = canonical.split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right]
}

const isMapped = (groups: ReadonlyArray<string>): boolean =>
  groups.slice(0, 5).every((group) => group === "0") && groups[5] === "ffff"

const mappedIpv4 = (groups: ReadonlyArray<string>): string =>
  groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    .join(".")

/**
 * An address in the one form that it is compared, logged and limited in, without port, brackets and zone: IPv4-mapped
 * IPv6 is IPv4. `undefined` for what is no address, such as `unknown` or an obfuscated name.
 */
export const addressOf = (text: string): string | undefined => {
  // Most are in that form already.
  if (isIP(text) === 4) return text
  const bare = text.trim().replace(/^"(.*)"$/, "$1")
  const host = /^\[([^\]]+)\](?::\d+)?$/.exec(bare)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(bare)?.[1] ?? bare
  const address = host.replace(/%.*$/, "")
  if (isIP(address) === 4) return address
  if (isIP(address) !== 6) return undefined
  const groups = groupsOf(address)
  return isMapped(groups) ? mappedIpv4(groups) : new URL(`http://[${address}]`).hostname.slice(1, -1)
}

/** What a limit counts under: an IPv4 address, or the /64 of an IPv6 address, which one subscriber can roam in. */
export const limitKeyOf = (address: string): string =>
  isIP(address) === 6 ? `${groupsOf(address).slice(0, 4).join(":")}::/64` : address

const blockListOf = (networks: ReadonlyArray<string>): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const [address = "", prefix] = network.split("/")
    const family = isIP(address) === 6 ? "ipv6" : "ipv4"
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

/** The `for=` addresses of `Forwarded` (RFC 7239), in order; `undefined` in the place of what is no address. */
const forwardedFor = (header: string): ReadonlyArray<string | undefined> =>
  header.split(",").map((element) => {
    const pair = element.split(";").find((pair) => /^\s*for=/i.test(pair))
    return pair === undefined ? undefined : addressOf(pair.slice(pair.indexOf("=") + 1))
  })

/** From the address of the peer and the headers of a request. */
export type ClientAddress = (peer: string | undefined, headers: RequestHeaders) => string

/**
 * The client's address (contract section 5): the socket's, unless its peer is a trusted proxy; then the right-most
 * address that is not trusted, of `Forwarded`, or where that is absent of `X-Forwarded-For`. An element that is no
 * address ends the walk: what stands left of it cannot be vouched for.
 */
export const makeClientAddress = (trustedProxies: ReadonlyArray<string>): ClientAddress => {
  const trusted = blockListOf(trustedProxies)
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")
  return (peer, headers) => {
    const socket = (peer === undefined ? undefined : addressOf(peer)) ?? "unknown"
    if (trustedProxies.length === 0 || socket === "unknown" || !isTrusted(socket)) return socket
    const { forwarded, "x-forwarded-for": xForwardedFor } = headers
    const chain = forwarded === undefined ? (xForwardedFor?.split(",").map(addressOf) ?? []) : forwardedFor(forwarded)
    let client = socket
    for (const address of chain.toReversed()) {
      if (address === undefined) return client
      client = address
      if (!isTrusted(address)) return client
    }
    return client
  }
}
