import { HttpApiMiddleware } from "effect/http-api"
import { BadRequest, Invalid, PayloadTooLarge, UnsupportedMediaType } from "../Errors.ts"

/** On endpoints that take a body: it declares how that can be refused, and refuses what needs no decoding. */
export class Payload extends HttpApiMiddleware.Service<Payload>()("tbg-api/http/api/Payload", {
  error: [BadRequest, PayloadTooLarge, UnsupportedMediaType, Invalid]
}) {}
