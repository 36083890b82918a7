import { Context, Effect, Layer, Option, Schema } from "effect"
import { Secrets } from "./Secrets.ts"

const signatureBytes = 16

/** Codec for the cursors of one list. `scope` names its team and filters. */
export interface Cursor<Place> {
  readonly encode: (scope: string, place: Place) => string
  /** Returns `undefined` unless the text was signed for this list and scope under a secret of the service. */
  readonly decode: (scope: string, text: string) => Place | undefined
}

/** Returns the bytes after the version of a cursor; undefined if it has another version or is malformed. */
const bytesOf = (cursor: string, version: string): Buffer | undefined => {
  const bytes = Buffer.from(cursor, "base64url")
  // Node's decoder skips characters outside of the alphabet, and the last character has spare bits.
  if (bytes.toString("latin1", 0, 1) !== version || bytes.toString("base64url") !== cursor) return undefined
  return bytes.subarray(1)
}

/** Signs or encrypts a place, given as JSON. `read` returns `undefined` if the bytes are invalid for the scope. */
interface Protection {
  readonly version: string
  readonly write: (scope: string, text: string) => Uint8Array
  readonly read: (scope: string, bytes: Buffer) => string | undefined
}

const cursorOf = <Place>(schema: Schema.Codec<Place, unknown>, { read, version, write }: Protection): Cursor<Place> => {
  const json = Schema.fromJsonString(schema)
  const toJson = Schema.encodeSync(json)
  const fromJson = Schema.decodeOption(json)
  return {
    encode: (scope, place) => Buffer.concat([Buffer.from(version), write(scope, toJson(place))]).toString("base64url"),
    decode: (scope, cursor) => {
      const bytes = bytesOf(cursor, version)
      const text = bytes && read(scope, bytes)
      return text === undefined ? undefined : Option.getOrUndefined(fromJson(text))
    }
  }
}

/** Positions in lists, signed so that callers cannot forge them. */
export class Cursors extends Context.Service<
  Cursors,
  {
    /** @param list unique name of the list */
    readonly of: <Place>(schema: Schema.Codec<Place, unknown>, list: string) => Cursor<Place>
    /** The same with encrypted places, which may name hidden miners. */
    readonly sealedOf: <Place>(schema: Schema.Codec<Place, unknown>, list: string) => Cursor<Place>
  }
>()("tbg-api/services/Cursors") {
  /** A cursor is base64url of a version, followed by a signature and the place as JSON, or by the encrypted place. */
  static readonly layer = Layer.effect(
    Cursors,
    Effect.map(Secrets, ({ open, seal, sign, verify }) => ({
      of: <Place>(schema: Schema.Codec<Place, unknown>, list: string) => {
        const messageOf = (scope: string, text: string): string => JSON.stringify([list, scope, text])
        const write = (scope: string, text: string) =>
          Buffer.concat([sign("cursor", messageOf(scope, text)), Buffer.from(text)])
        const read = (scope: string, bytes: Buffer) => {
          const text = bytes.toString("utf8", signatureBytes)
          const signature = bytes.subarray(0, signatureBytes)
          return verify("cursor", messageOf(scope, text), signature) === undefined ? undefined : text
        }
        return cursorOf(schema, { version: "2", write, read })
      },
      sealedOf: <Place>(schema: Schema.Codec<Place, unknown>, list: string) => {
        const contextOf = (scope: string): string => JSON.stringify(["cursor", list, scope])
        const write = (scope: string, text: string) => seal(contextOf(scope), text)
        const read = (scope: string, bytes: Buffer) => open(contextOf(scope), bytes)
        return cursorOf(schema, { version: "3", write, read })
      }
    }))
  )
}
