/** Introduction for new callers, as Markdown. `errors` is the URL of the error index, relative to the docs page. */
export const descriptionWith = (errors: string): string => `Under \`/v1/teams\`, send an API key of the team as \
\`Authorization: Bearer …\`; under \`/api/v1/me\`, a user's token; the rest needs no credential. \`GET /v1/limits\` \
shows what is left of your rate limit. Errors are JSON: \`{"detail"}\` outside of /v1, \`{"error", "code", "details"}\` \
under it, and an RFC 9457 problem document if \`Accept\` prefers \`application/problem+json\`. Any request can get \
404, 405, 408, 417 and 431. [All errors](${errors}).
`
