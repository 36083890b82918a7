import { read } from "./Api.ts"
import { drawnPoints, makeChart } from "./Chart.ts"
import type { Point } from "./Chart.ts"
import { field, fill, find, h, part, replace } from "./Dom.ts"
import { clockTime, count, dayTime, hashrate, unknown } from "./Format.ts"
import type { Series } from "./Wire.ts"

const windows = {
  "1h": { name: "hour", refreshMs: 20_000 },
  "24h": { name: "24 hours", refreshMs: 60_000 },
  "7d": { name: "7 days", refreshMs: 300_000 },
  "30d": { name: "30 days", refreshMs: 300_000 }
} as const
type Window = keyof typeof windows

const isWindow = (text: string): text is Window => text in windows

const intervalOf = ({ high, low }: Pick<Point, "low" | "high">): string =>
  high === null ? unknown : `${hashrate(low)} to ${hashrate(high)}`

const timeOf = (at: string, window: Window): string => {
  const time = new Date(at)
  return window === "1h" || window === "24h" ? clockTime(time) : dayTime(time)
}

const row = (point: Point, window: Window): HTMLElement =>
  h(
    "tr",
    {},
    h("th", { scope: "row" }, timeOf(point.at, window)),
    h("td", { class: "number" }, hashrate(point.value)),
    h("td", { class: "number" }, intervalOf(point)),
    h("td", { class: "number" }, count(point.shares))
  )

/** Chart of the hashrate at a path, such as `pool/hashrate`. It reads its data again while the page is visible. */
export const followHashrate = (path: string): { readonly refresh: () => void } => {
  const card = part("chart")
  const element = field("plot")
  const details = find("details", card)
  let window: Window = "24h"
  let series: Series | undefined
  let timer = 0

  const showReadout = (point: Point | undefined) =>
    fill(
      "readout",
      point === undefined
        ? ""
        : `${timeOf(point.at, window)}  ${hashrate(point.value)}  (${intervalOf(point)}), ${count(point.shares)} shares`
    )

  const chart = element === undefined ? undefined : makeChart(element, showReadout)

  const showTable = () => {
    if (series === undefined || details?.hasAttribute("open") !== true) return
    const points = drawnPoints(series).filter((point) => point !== undefined)
    replace(field("points"), ...points.toReversed().map((point) => row(point, window)))
  }

  const show = (next: Series) => {
    series = next
    chart?.show(next)
    const summary = `average ${hashrate(next.average)}, peak ${hashrate(next.peak)}`
    fill("summary", summary)
    element?.setAttribute("aria-label", `Hashrate of the last ${windows[window].name}: ${summary}. A table follows.`)
    showTable()
  }

  const load = async () => {
    clearTimeout(timer)
    const wanted = window
    const answer = await read<Series>(`${path}?window=${wanted}`)
    if (wanted !== window) return
    if (answer.isOk) show(answer.body)
    const waitMs = answer.isOk ? windows[wanted].refreshMs : Math.max(answer.retryAfterMs, 10_000)
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (!document.hidden) void load()
    }, waitMs)
  }

  card?.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !isWindow(target.value)) return
    window = target.value
    void load()
  })
  details?.addEventListener("toggle", showTable)
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void load()
  })
  void load()
  return { refresh: () => void load() }
}
