import { Context } from "effect"
import type { ServerResponse } from "node:http"

/** Slots of requests in flight. A request has one until its response is closed. */
export class AdmissionSlots extends Context.Service<
  AdmissionSlots,
  {
    /** Frees the slot of a stream, which stays open for hours and costs little. Does nothing if it was freed. */
    readonly release: (response: ServerResponse) => void
  }
>()("tbg-api/http/AdmissionSlots") {}
