/** Nothing may be loaded, framed or run: what this service answers is data. */
const strictPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/**
 * The policy of a page: nothing but what this service serves, framed by nobody. Scripts are files; neither inline nor
 * `eval` is allowed. `more` are directives that a page needs beyond that.
 */
export const pagePolicy = (more: Readonly<Record<string, string>>): string =>
  [strictPolicy, ...Object.entries(more).map(([name, sources]) => `${name} ${sources}`)].join("; ")

/** What every response carries (contract section 3); a route may say otherwise, as the docs pages do. */
export const securityHeaders = (production: boolean): Readonly<Record<string, string>> => ({
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "content-security-policy": strictPolicy,
  ...(production ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {})
})
