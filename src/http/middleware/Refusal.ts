/** What the router should never see. */

/** TRACE echoes what was sent, secrets included. CONNECT never gets here: Node gives it an event of its own. */
export const isServed = (method: string): boolean => method !== "TRACE"

/** Whether the path of a request target has a percent-encoding that stands for no text. */
export const isMalformedTarget = (target: string): boolean => {
  if (!target.includes("%")) return false
  const end = target.indexOf("?")
  try {
    decodeURIComponent(end === -1 ? target : target.slice(0, end))
    return false
  } catch {
    return true
  }
}
