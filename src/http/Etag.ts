import { Effect } from "effect"
import { hash } from "node:crypto"
import { PreconditionFailed } from "./Errors.ts"

/** A strong entity tag of a body's bytes (RFC 9110, 8.8.3). */
export const etagOf = (body: string): string => `"${hash("sha256", body, "base64url")}"`

/** An entity tag. It may contain commas, so lists are not split at commas. */
const tags = /(W\/)?("[\x21\x23-\x7E\x80-\xFF]*")/gu

/** Placeholder for an existing resource without an entity tag. */
export const noEtag = ""

/**
 * Whether `If-None-Match` lists this entity tag or is `*`, which means that the caller has the current version. The
 * comparison is weak (RFC 9110, 13.1.2). Anything that is not an entity tag is ignored.
 */
export const isListed = (ifNoneMatch: string | undefined, etag: string): boolean => {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === "*") return true
  return [...ifNoneMatch.matchAll(tags)].some(([, , tag]) => tag === etag)
}

/**
 * Whether `If-Match` allows a request to a resource with this entity tag, `undefined` if the resource does not exist.
 * The comparison is strong (RFC 9110, 13.1.1).
 */
export const isMatched = (ifMatch: string | undefined, etag: string | undefined): boolean => {
  if (ifMatch === undefined) return true
  if (ifMatch.trim() === "*") return etag !== undefined
  return [...ifMatch.matchAll(tags)].some(([, weak, tag]) => weak === undefined && tag === etag)
}

export type RequestHeaders = Readonly<Record<string, string | undefined>>

/** Whether a request depends on the current version of its resource. */
export const isConditional = (headers: RequestHeaders): boolean =>
  headers["if-match"] !== undefined || headers["if-none-match"] !== undefined

export const requireMatch = (
  headers: RequestHeaders,
  etag: string | undefined
): Effect.Effect<void, PreconditionFailed> =>
  isMatched(headers["if-match"], etag) ? Effect.void : Effect.fail(new PreconditionFailed())

/** Fails unless `If-Match` and `If-None-Match` allow a change of a resource with this entity tag. */
export const requireUnchanged = (headers: RequestHeaders, etag: string): Effect.Effect<void, PreconditionFailed> =>
  isListed(headers["if-none-match"], etag) ? Effect.fail(new PreconditionFailed()) : requireMatch(headers, etag)
