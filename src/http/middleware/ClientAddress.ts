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
 * An address in the one form that is compared, logged and limited, without port, brackets and zone: IPv4-mapped IPv6 is
 * IPv4. `undefined` for anything else, such as `unknown` or an obfuscated name.
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

/** What a limit counts by: an IPv4 address, or the /64 of an IPv6 address, because one subscriber has all of it. */
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

/** Whether the quote at `at` is a quoted pair (RFC 9110, 5.6.4): an odd number of backslashes stands before it. */
const isEscaped = (text: string, at: number): boolean => {
  let begin = at
  while (text[begin - 1] === "\\") begin--
  return (at - begin) % 2 === 1
}

/**
 * The parts of a list, right-most first; a separator in a quoted string separates nothing. Read from the right, because
 * the right-most element is the trusted proxy's: nothing that a client put before it changes how that is read.
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

/** The address in one element of `Forwarded` (RFC 7239, 4): the value of its only `for`. */
const forwardedFor = (element: string): string | undefined => {
  const values = partsOf(element, ";").flatMap((pair) => /^\s*for=(.*)$/i.exec(pair)?.[1] ?? [])
  const [value = ""] = values
  return values.length === 1 ? addressOf(value.replaceAll(/\\(.)/g, "$1")) : undefined
}

/** The addresses that a header names, right-most first, with `undefined` for what is not an address. */
const addressesIn = (name: string, value: string): ReadonlyArray<string | undefined> =>
  // Empty elements of a list do not count (RFC 9110, 5.6.1).
  name === "forwarded"
    ? partsOf(value, ",").filter(isNotBlank).map(forwardedFor)
    : value.split(",").filter(isNotBlank).map(addressOf).toReversed()

const isNotBlank = (text: string): boolean => text.trim() !== ""

/** The client's address, from the address of the peer and the headers of a request. */
export type ClientAddress = (peer: string | undefined, headers: RequestHeaders) => string

export interface ClientAddressOptions {
  /** Addresses and CIDR networks. */
  readonly trustedProxies: ReadonlyArray<string>
  /** The one header that trusted proxies set or append to, in lower case. */
  readonly clientAddressHeader: string
}

/**
 * The client's address (contract section 5): the socket's, unless its peer is a trusted proxy. Then it is the right-most
 * untrusted address of the configured header; other headers are ignored, because a proxy may pass them through. An
 * element that is not an address ends the search: nobody vouches for what is left of it.
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
