/** Resolves a URL as a browser does behind a proxy that removes `/prefix`, and returns the path behind the proxy. */
export const behindPrefix = (url: string, page: string): string => {
  const { origin, pathname } = new URL(url, `http://proxy/prefix${page}`)
  return origin === "http://proxy" && pathname.startsWith("/prefix/") ? pathname.slice("/prefix".length) : "outside"
}
