import { BlockList, isIP } from "node:net"

type RequestHeaders = Readonly<Record<string, string | undefined>>

/** Returns the eight groups of an IPv6 address without its zone. The URL parser normalizes its spelling. */
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
 * Address in canonical form, without port, brackets or zone; IPv4-mapped IPv6 becomes IPv4. `undefined` for anything
 * else, such as `unknown` or an obfuscated name.
 */
export const addressOf = (text: string): string | undefined => {
  // Fast path: most addresses are already canonical.
  if (isIP(text) === 4) return text
  const bare = text.trim().replace(/^"(.*)"$/, "$1")
  const host = /^\[([^\]]+)\](?::\d+)?$/.exec(bare)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(bare)?.[1] ?? bare
  const address = host.replace(/%.*$/, "")
  if (isIP(address) === 4) return address
  if (isIP(address) !== 6) return undefined
  const groups = groupsOf(address)
  return isMapped(groups) ? mappedIpv4(groups) : new URL(`http://[${address}]`).hostname.slice(1, -1)
}

/** Rate-limit key of an address: IPv4 as is, IPv6 by its /64, because one subscriber has a whole /64. */
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

/** Whether the quote at `at` is escaped (RFC 9110, 5.6.4): an odd number of backslashes precedes it. */
const isEscaped = (text: string, at: number): boolean => {
  let begin = at
  while (text[begin - 1] === "\\") begin--
  return (at - begin) % 2 === 1
}

/**
 * Splits a list, right-most element first; separators in quoted strings are ignored. A trusted proxy appended the last
 * element. Reading from the right keeps the text that a client sent before it from changing how it is parsed.
 */
const partsOf = (text: string, separator: "," | ";"): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let end = text.length
  let isQuoted = false
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === '"') isQuoted = isQuoted ? isEscaped(text, at) : true
    else if (text[at] === separator && !isQuoted) {
      parts.push(text.slice(at + 1, end))
      end = at
    }
  }
  return [...parts, text.slice(0, end)]
}

/** Address in an element of `Forwarded` (RFC 7239, 4), which must have exactly one `for`. */
const forwardedFor = (element: string): string | undefined => {
  const values = partsOf(element, ";").flatMap((pair) => /^\s*for=(.*)$/i.exec(pair)?.[1] ?? [])
  const [value = ""] = values
  return values.length === 1 ? addressOf(value.replaceAll(/\\(.)/g, "$1")) : undefined
}

/** Addresses in a header, right-most first; `undefined` for an element that is not an address. */
const addressesIn = (name: string, value: string): ReadonlyArray<string | undefined> =>
  // Empty elements of a list do not count (RFC 9110, 5.6.1).
  name === "forwarded"
    ? partsOf(value, ",").filter(isNotBlank).map(forwardedFor)
    : value.split(",").filter(isNotBlank).map(addressOf).toReversed()

const isNotBlank = (text: string): boolean => text.trim() !== ""

/** Client address from the peer address and the request headers. */
export type ClientAddress = (peer: string | undefined, headers: RequestHeaders) => string

export interface ClientAddressOptions {
  /** Addresses and CIDR networks. */
  readonly trustedProxies: ReadonlyArray<string>
  /** The one header that trusted proxies set or append to, in lower case. */
  readonly clientAddressHeader: string
}

/**
 * Client address (contract section 5): the socket's, unless its peer is a trusted proxy. Then it is the right-most
 * untrusted address of the configured header. Other headers are ignored, because a proxy may pass them through. An
 * element that is not an address ends the search, because everything left of it is untrusted.
 */
export const makeClientAddress = ({ clientAddressHeader, trustedProxies }: ClientAddressOptions): ClientAddress => {
  const trusted = blockListOf(trustedProxies)
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")
  return (peer, headers) => {
    const socket = (peer === undefined ? undefined : addressOf(peer)) ?? "unknown"
    if (trustedProxies.length === 0 || socket === "unknown" || !isTrusted(socket)) return socket
    let client = socket
    for (const address of addressesIn(clientAddressHeader, headers[clientAddressHeader] ?? "")) {
      if (address === undefined) return client
      client = address
      if (!isTrusted(address)) return client
    }
    return client
  }
}
