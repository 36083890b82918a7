/** A `Link` (RFC 8288) to the page that follows this one; `path` is absolute. */
export const nextLink = (path: string, parameters: Readonly<Record<string, string>>): string =>
  `<${path}?${new URLSearchParams(parameters).toString()}>; rel="next"`
