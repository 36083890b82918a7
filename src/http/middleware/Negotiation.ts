/** The three shapes of an error body (contract section 4). */
export type Rendering = "detail" | "envelope" | "problem"

interface Range {
  readonly type: string
  readonly quality: number
}

/** Media ranges with their quality values (RFC 9110, 12.5.1); what cannot be read is left out. */
const rangesOf = (accept: string): ReadonlyArray<Range> =>
  accept.split(",").flatMap((part) => {
    const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase())
    if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return []
    const weight = parameters.find((parameter) => parameter.startsWith("q="))
    const quality = weight === undefined ? 1 : Number(weight.slice(2))
    return quality >= 0 && quality <= 1 ? [{ type, quality }] : []
  })

/** The quality that the most specific matching range gives to a type: itself before `type/*` before any. */
const qualityOf = (ranges: ReadonlyArray<Range>, type: string): number => {
  const wildcard = `${type.slice(0, type.indexOf("/"))}/*`
  for (const candidate of [type, wildcard, "*/*"]) {
    const range = ranges.find((range) => range.type === candidate)
    if (range !== undefined) return range.quality
  }
  return 0
}

/** Whether the caller likes `application/problem+json` better than `application/json`; a tie is no preference. */
export const prefersProblem = (accept: string | undefined): boolean => {
  if (accept === undefined || !/json/i.test(accept)) return false
  const ranges = rangesOf(accept)
  return qualityOf(ranges, "application/problem+json") > qualityOf(ranges, "application/json")
}

const isUnderV1 = (path: string): boolean => /^\/v1(?:[/?#]|$)/.test(path)

/** Which of the three an error is told in; `path` is the request target. */
export const renderingOf = (accept: string | undefined, path: string): Rendering =>
  prefersProblem(accept) ? "problem" : isUnderV1(path) ? "envelope" : "detail"
