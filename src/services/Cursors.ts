import { Context, Effect, Layer, Option, Schema } from "effect"
import { PostId } from "../domain/Post.ts"
import type { Place } from "../domain/Post.ts"
import type { TeamId } from "../domain/Team.ts"
import { microsOf, timestampOf } from "../domain/Timestamp.ts"
import { Secrets } from "./Secrets.ts"

/*
 * A cursor is base64url of a version (1 byte), the place's microseconds since 1970 (8) and id (16), and a code over
 * these and the team (16).
 */
const version = 1
const placeLength = 25
const length = 41

const decodeId = Schema.decodeUnknownOption(PostId)

const bytesOf = ({ id, timestamp }: Place): Buffer => {
  const bytes = Buffer.alloc(placeLength)
  bytes.writeUInt8(version)
  bytes.writeBigInt64BE(BigInt(microsOf(timestamp)), 1)
  bytes.write(id.replaceAll("-", ""), 9, "hex")
  return bytes
}

const placeOf = (bytes: Buffer): Place | undefined => {
  if (bytes.readUInt8() !== version) return undefined
  const uuid = bytes.toString("hex", 9).replace(/^(.{8})(.{4})(.{4})(.{4})/u, "$1-$2-$3-$4-")
  const timestamp = timestampOf(Number(bytes.readBigInt64BE(1)))
  return Option.getOrUndefined(Option.map(decodeId(uuid), (id) => ({ timestamp, id })))
}

/** Places in lists, as callers carry them from page to page: signed, so that nobody makes one up, and of one team. */
export class Cursors extends Context.Service<
  Cursors,
  {
    /** 55 characters that need no escaping in a query. */
    readonly encode: (team: TeamId, place: Place) => string
    /** `undefined` for what was not made for this team with one of the service's secrets. */
    readonly decode: (team: TeamId, text: string) => Place | undefined
  }
>()("tbg-api/services/Cursors") {
  static readonly layer = Layer.effect(
    Cursors,
    Effect.map(Secrets, ({ codeOf, madeWith }) => {
      const messageOf = (team: TeamId, place: Buffer): string => `${team} ${place.toString("hex")}`
      return {
        encode: (team, place) => {
          const bytes = bytesOf(place)
          return Buffer.concat([bytes, codeOf("cursor", messageOf(team, bytes))]).toString("base64url")
        },
        decode: (team, text) => {
          const bytes = Buffer.from(text, "base64url")
          // Node's decoder skips what is not of the alphabet, and the last character has two bits to spare.
          if (bytes.length !== length || bytes.toString("base64url") !== text) return undefined
          const place = bytes.subarray(0, placeLength)
          const signed = madeWith("cursor", messageOf(team, place), bytes.subarray(placeLength)) !== undefined
          return signed ? placeOf(place) : undefined
        }
      }
    })
  )
}
