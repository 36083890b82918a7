import { codes, failures } from "../Errors.ts"
import { errorPagePath, explanations } from "./Explanations.ts"

const failureRows = codes
  .toSorted((one, other) => failures[one].status - failures[other].status)
  .map((code) => `| ${failures[code].status} | [\`${code}\`](${errorPagePath(code)}) | ${explanations[code].meaning} |`)
  .join("\n")

/** What a stranger needs to know before the first call, as Markdown. */
export const description = `The backend of The Bitcoin Game, which turns Bitcoin mining into a game: what the mining \
engine and the event collector record, and the posts of a team.

## Credentials

Health, readiness and version need none. Under \`/v1/teams\` send an API key of the team, under \`/api/v1/me\` the \
token that the identity provider gave to the user; both as \`Authorization: Bearer …\`.

## Limits

Most requests count against a limit: by API key under \`/v1/teams\`, by the caller's address elsewhere. The \
\`RateLimit\` headers say what is left, and after a 429 it is enough to wait as many seconds as \`Retry-After\` says. \
\`GET /v1/limits\` tells the same and costs nothing.

## Failures

A failure is JSON: \`{"detail"}\` outside of /v1, \`{"error", "code", "details"}\` under it, and a problem document \
(RFC 9457) on either where \`Accept\` likes \`application/problem+json\` best. Any request can have the failures of \
status 400, 404, 405, 408, 417, 431, 500 and 503; the others are listed where they can happen. Report a failure with \
the \`X-Request-Id\` of its response.

| status | code | meaning |
|---|---|---|
${failureRows}
`
