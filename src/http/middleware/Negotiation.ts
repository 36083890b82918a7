/** The three shapes of an error body (contract section 4). */
export type Dialect = "detail" | "envelope" | "problem"

interface Range {
  readonly type: string
  readonly quality: number
}

/** Parses preferences with quality values (RFC 9110, 12.4.2). Preferences with an invalid quality are ignored. */
const parsePreferences = (field: string): ReadonlyArray<Range> =>
  field.split(",").flatMap((part) => {
    const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith("q="))
    const quality = weight === undefined ? 1 : Number(weight.slice(2))
    return quality >= 0 && quality <= 1 ? [{ type, quality }] : []
  })

/** Quality of a type, from the most specific range that matches it. */
const qualityOf = (ranges: ReadonlyArray<Range>, type: string): number => {
  const wildcard = `${type.slice(0, type.indexOf("/"))}/*`
  for (const candidate of [type, wildcard, "*/*"]) {
    const range = ranges.find((range) => range.type === candidate)
    if (range !== undefined) return range.quality
  }
  return 0
}

/** Whether `Accept` prefers `application/problem+json` to `application/json`. Equal quality is not a preference. */
export const prefersProblem = (accept: string | undefined): boolean => {
  if (accept === undefined || !/json/i.test(accept)) return false
  const ranges = parsePreferences(accept)
  return qualityOf(ranges, "application/problem+json") > qualityOf(ranges, "application/json")
}

export const isUnderV1 = (path: string): boolean => /^\/v1(?:[/?#]|$)/.test(path)

/** Error shape for a request; `path` is its target. */
export const dialectOf = (accept: string | undefined, path: string): Dialect =>
  prefersProblem(accept) ? "problem" : isUnderV1(path) ? "envelope" : "detail"

/** Supported content codings. If several are equally preferred, the first is used. */
export const encodings = ["br", "gzip", "identity"] as const
export type Encoding = (typeof encodings)[number]

/** Content coding of a response (RFC 9110, 12.5.3); `identity` if the caller accepts no supported one. */
export const encodingOf = (acceptEncoding: string | undefined): Encoding => {
  if (acceptEncoding === undefined) return "identity"
  const ranges = parsePreferences(acceptEncoding)
  const quality = (name: Encoding): number => {
    const range = ranges.find(({ type }) => type === name) ?? ranges.find(({ type }) => type === "*")
    // `identity` is acceptable unless excluded, and ranks below every coding that is named.
    return range?.quality ?? (name === "identity" ? 0.0001 : 0)
  }
  const best = encodings.reduce<Encoding>((best, name) => (quality(name) > quality(best) ? name : best), "br")
  return quality(best) > 0 ? best : "identity"
}
