/** A `Link` (RFC 8288) to the page that follows this one; `path` is absolute, and a cursor needs no escaping. */
export const nextLink = (path: string, limit: number, cursor: string): string =>
  `<${path}?limit=${limit}&cursor=${cursor}>; rel="next"`
