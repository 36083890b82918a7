/** Content security policy of responses that are not pages: nothing may be loaded, framed or run. */
const strictPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** Content security policy of a page; `more` has directives for the resources that it loads. */
export const pagePolicy = (more: Readonly<Record<string, string>>): string =>
  [strictPolicy, ...Object.entries(more).map(([name, sources]) => `${name} ${sources}`)].join("; ")

/** Security headers of every response (contract, section 3). Pages override some of them. */
export const securityHeaders = (isProduction: boolean): Readonly<Record<string, string>> => ({
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "content-security-policy": strictPolicy,
  ...(isProduction ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {})
})
