const accepted = /^[A-Za-z0-9._:-]{1,128}$/

/**
 * The caller's `X-Request-Id` where it is 1 to 128 characters of `A-Za-z0-9._:-`, else a new UUID (contract section 3).
 * A header that was sent twice arrives joined by a comma, and is replaced.
 */
export const requestIdOf = (given: string | undefined): string =>
  given !== undefined && accepted.test(given) ? given : crypto.randomUUID()
