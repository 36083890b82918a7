import { Option, Predicate, Schema } from "effect"
import type { QuarantineReason } from "./Event.ts"
import { isPlainText } from "./Worker.ts"
import type { StreamEntry } from "./StreamEntry.ts"

/** Maximum size of an entry in characters; a real one has a few hundred. */
const maxLength = 8192

/** Members of an event, in either shape of entry. */
export type Payload = Readonly<Record<string, unknown>>

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g

/** Number of members of the outermost object, repeated ones included, of valid JSON. */
const countMembers = (json: string): number => {
  let depth = 0
  let members = 0
  for (const [token] of json.matchAll(tokens)) {
    if (token === "{" || token === "[") depth += 1
    else if (token === "}" || token === "]") depth -= 1
    else if (token === ":" && depth === 1) members += 1
  }
  return members
}

const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))

/** Reads `data`. An unescaped quote in a worker name can repeat a member, and JSON parsers keep the last. */
const parseData = (json: string): Payload | QuarantineReason => {
  const decoded = Option.getOrUndefined(decodeJson(json))
  if (!Predicate.isReadonlyObject(decoded)) return "bad_json"
  const payload = Object.fromEntries(Object.entries(decoded))
  return countMembers(json) === Object.keys(payload).length ? payload : "duplicate_key"
}

/** Members of an entry, from its field `data` or, as `ckpool-bridge` sends them, from its fields. */
export const payloadOf = ({ fields }: StreamEntry): Payload | QuarantineReason => {
  const length = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (length > maxLength) return "oversized"
  const flat = Object.fromEntries(fields)
  if (Object.keys(flat).length !== fields.length) return "duplicate_key"
  return flat["data"] === undefined ? flat : parseData(flat["data"])
}

const siPrefixes: Readonly<Record<string, number>> = { k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 }

/** Number, also as text and with an SI prefix, such as `19.1M`. `NaN` if it is not a number. */
export const numberOf = (value: unknown): number => {
  if (typeof value === "number") return value
  if (typeof value !== "string") return Number.NaN
  const [, digits, prefix = ""] = /^([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([kKMGTPE]?)$/.exec(value.trim()) ?? []
  return digits === undefined ? Number.NaN : Number(digits) * (siPrefixes[prefix] ?? 1)
}

/** Whether a value means that it is missing. The engine sends `0`, empty text or `unknown` for that. */
const isMissing = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || value === "unknown" || numberOf(value) === 0

/** Text that can be stored; `null` if it is missing, `undefined` if it cannot be stored. */
export const textOf = (value: unknown): string | null | undefined => {
  if (isMissing(value)) return null
  return typeof value === "string" && isPlainText(value) ? value : undefined
}

/** Number or `null` if missing. */
export const numberOrNull = (value: unknown): number | null => (isMissing(value) ? null : numberOf(value))
