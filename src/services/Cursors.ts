import { Context, Effect, Layer } from "effect"
import { PostId } from "../domain/Post.ts"
import type { Place } from "../domain/Post.ts"
import type { TeamId } from "../domain/Team.ts"
import { Secrets } from "./Secrets.ts"

/*
 * A cursor is base64url of a version (1 character), the place's timestamp (27) and id (36), and a code over these and
 * the team (16 bytes).
 */
const version = "1"
const idAt = 28
const codeAt = 64
const length = 80

const textOf = ({ id, timestamp }: Place): string => version + timestamp + id

/** Of a text that was signed, and therefore once was made of a place. */
const placeOf = (text: string): Place | undefined =>
  text.startsWith(version)
    ? { timestamp: text.slice(version.length, idAt), id: PostId.make(text.slice(idAt)) }
    : undefined

/** Places in lists, as callers carry them from page to page: signed, so that nobody makes one up, and of one team. */
export class Cursors extends Context.Service<
  Cursors,
  {
    /** 107 characters that need no escaping in a query. */
    readonly encode: (team: TeamId, place: Place) => string
    /** `undefined` for what was not made for this team with one of the service's secrets. */
    readonly decode: (team: TeamId, cursor: string) => Place | undefined
  }
>()("tbg-api/services/Cursors") {
  static readonly layer = Layer.effect(
    Cursors,
    Effect.map(Secrets, ({ sign, verify }) => {
      const messageOf = (team: TeamId, text: string): string => `${team} ${text}`
      return {
        encode: (team, place) => {
          const text = textOf(place)
          return Buffer.concat([Buffer.from(text), sign("cursor", messageOf(team, text))]).toString("base64url")
        },
        decode: (team, cursor) => {
          const bytes = Buffer.from(cursor, "base64url")
          // Node's decoder skips what is not of the alphabet, and the last character has bits to spare.
          if (bytes.length !== length || bytes.toString("base64url") !== cursor) return undefined
          const text = bytes.toString("latin1", 0, codeAt)
          const signed = verify("cursor", messageOf(team, text), bytes.subarray(codeAt)) !== undefined
          return signed ? placeOf(text) : undefined
        }
      }
    })
  )
}
