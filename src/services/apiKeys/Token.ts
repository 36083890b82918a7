import { Option, Redacted, Schema } from "effect"
import { crc32 } from "node:zlib"
import { ApiKeyId } from "../../domain/ApiKey.ts"

/*
 * `tbg_<id>_<secret><checksum>` (contract section 8), with other prefixes for sessions. The id has 32 hex digits, the
 * secret 32 characters (190 random bits). The checksum is a CRC-32 of everything before it, so a mistyped or invented
 * token is rejected without a query.
 */
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const secretLength = 32
const shape = /^([a-z]+)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[0-9A-Za-z]{38}$/u

const checksumOf = (text: string): string => {
  let rest = crc32(text)
  let digits = ""
  for (let place = 0; place < 6; place++) {
    digits = alphabet.charAt(rest % alphabet.length) + digits
    rest = Math.floor(rest / alphabet.length)
  }
  return digits
}

/** Makes and reads tokens of one kind, identified by their prefix. `label` stands for a token in logs. */
export const tokenFormat = <Id extends string>(prefix: string, label: string, id: Schema.Codec<Id, string>) => {
  const decodeId = Schema.decodeUnknownOption(id)
  return {
    /** Returns a new token for an id. `random` returns a uniformly random integer from 0 to `bound - 1`. */
    make: (id: Id, random: (bound: number) => number): Redacted.Redacted => {
      const secret = Array.from({ length: secretLength }, () => alphabet.charAt(random(alphabet.length))).join("")
      const text = `${prefix}_${id.replaceAll("-", "")}_${secret}`
      return Redacted.make(text + checksumOf(text), { label })
    },
    /** Returns the id that a token names, or `undefined` if it is malformed. */
    idOf: (token: string): Id | undefined => {
      const [, found, ...parts] = shape.exec(token) ?? []
      if (found !== prefix || checksumOf(token.slice(0, -6)) !== token.slice(-6)) return undefined
      return Option.getOrUndefined(decodeId(parts.join("-")))
    }
  }
}

export const { idOf: idOfToken, make: makeToken } = tokenFormat("tbg", "API key", ApiKeyId)
