/** Nothing may be loaded, framed or run: what this service answers is data. */
const strictPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** What every response carries (contract section 3); a route may say otherwise, as the docs pages do. */
export const securityHeaders = (production: boolean): Readonly<Record<string, string>> => ({
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "content-security-policy": strictPolicy,
  ...(production ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {})
})
