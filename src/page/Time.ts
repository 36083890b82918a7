import { h, setText } from "./Dom.ts"
import { absoluteTime, relativeTime } from "./Format.ts"

/** A relative time that stays current, with the absolute one as its title. */
export const ago = (at: string): HTMLElement =>
  h("time", { datetime: at, title: absoluteTime(at) }, relativeTime(at, Date.now()))

const refreshMs = 5000

/** Keeps all relative times of the page current. */
export const refreshTimes = (): void => {
  setInterval(() => {
    const now = Date.now()
    for (const element of document.querySelectorAll<HTMLElement>("time[datetime]")) {
      setText(element, relativeTime(element.getAttribute("datetime") ?? "", now))
    }
  }, refreshMs)
}
