/** Content security policy of data: nothing may be loaded, framed or run. */
const strictPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/**
 * Content security policy of a page: no framing, no inline scripts and no `eval`. `more` has the directives
 * for resources that the page loads.
 */
export const pagePolicy = (more: Readonly<Record<string, string>>): string =>
  [strictPolicy, ...Object.entries(more).map(([name, sources]) => `${name} ${sources}`)].join("; ")

/** Security headers of every response (contract, section 3). A route can override them, as pages do. */
export const securityHeaders = (production: boolean): Readonly<Record<string, string>> => ({
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "content-security-policy": strictPolicy,
  ...(production ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {})
})
