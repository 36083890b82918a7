import { hash } from "node:crypto"

/** A strong entity tag of a body's bytes (RFC 9110, 8.8.3). */
export const etagOf = (body: string): string => `"${hash("sha256", body, "base64url")}"`

/** Entity tags may hold commas, so a list of them is not split at those. */
const tags = /(?:W\/)?("[\x21\x23-\x7E\x80-\xFF]*")/gu

/**
 * Whether `If-None-Match` names this entity tag, or any with `*`, so that the caller has what would be sent. Compared
 * weakly, as it is to be for this header (RFC 9110, 13.1.2); what is no entity tag is none.
 */
export const isNamed = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === "*") return true
  return [...ifNoneMatch.matchAll(tags)].some(([, tag]) => tag === etag)
}
