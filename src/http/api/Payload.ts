import { HttpApiMiddleware } from "effect/http-api"
import { PayloadTooLarge, UnsupportedMediaType } from "../Errors.ts"

/** Rejects unknown query parameters, and bodies that are too large, not JSON, or have too many fields. */
export class Payload extends HttpApiMiddleware.Service<Payload>()("tbg-api/http/api/Payload", {
  error: [PayloadTooLarge, UnsupportedMediaType]
}) {}
