import uPlot from "uplot"
import { clockTime, dayOf, hashrate } from "./Format.ts"
import type { Series } from "./Wire.ts"

export type Point = Series["points"][number]

export interface Chart {
  readonly show: (series: Series) => void
}

const height = 280
/** Width below which the line is thinner. */
const narrow = 500
const daySeconds = 86_400
/** Steps of the labels of long windows, so that no day has two. */
const daySteps = [1, 2, 5, 10].map((days) => days * daySeconds)
/** Index of the series with the hashrate, after the time and both bounds. */
const lineIndex = 3

/** Points to draw: without the step in progress, which is too low, and without steps before the first share. */
export const drawnPoints = ({ points }: Series): ReadonlyArray<Point | undefined> => {
  const first = points.findIndex(({ shares }) => shares > 0)
  return points.slice(0, -1).map((point, index) => (first === -1 || index < first ? undefined : point))
}

const dataOf = (series: Series): uPlot.AlignedData => {
  const drawn = drawnPoints(series)
  const column = (valueOf: (point: Point) => number | null) =>
    drawn.map((point) => (point === undefined ? null : valueOf(point)))
  return [
    series.points.slice(0, -1).map(({ at }) => Date.parse(at) / 1000),
    column(({ high, low }) => high ?? low),
    column(({ low }) => low),
    column(({ value }) => value)
  ]
}

/** Reads a color of the theme. The custom property itself has both its light and its dark value. */
const makePalette = (element: HTMLElement) => {
  const probe = element.appendChild(document.createElement("span"))
  return (name: string): string => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
}

/** Makes a line chart with a band. It is drawn again when its width or the colors change. */
export const makeChart = (element: HTMLElement, onPoint: (point: Point | undefined) => void): Chart => {
  let series: Series | undefined
  let plot: uPlot | undefined
  const color = makePalette(element)

  const isShort = (): boolean => series?.window === "1h" || series?.window === "24h"
  const axisTime = (seconds: number): string => {
    const at = new Date(seconds * 1000)
    return isShort() ? clockTime(at) : dayOf(at.toISOString())
  }
  const pointAt = (index: number | null | undefined): Point | undefined =>
    typeof index === "number" && series !== undefined ? drawnPoints(series)[index] : undefined

  const options = (): uPlot.Options => {
    const font = `12px ${getComputedStyle(element).fontFamily}`
    const axis = { stroke: color("--muted"), font, ticks: { show: false } }
    const line = { points: { show: false } }
    return {
      width: element.clientWidth,
      height,
      padding: [12, 20, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: (_plot, index) => (index === lineIndex ? 8 : 0), fill: color("--accent") }
      },
      scales: { y: { range: (_plot, _low, high) => [0, Math.max(high, 1) * 1.08] } },
      axes: [
        {
          ...axis,
          ...(isShort() ? {} : { incrs: daySteps }),
          size: 32,
          grid: { show: false },
          space: 72,
          values: (_plot, splits) => splits.map(axisTime)
        },
        {
          ...axis,
          size: 76,
          space: 56,
          gap: 8,
          grid: { stroke: color("--line"), width: 1 },
          values: (_plot, splits) =>
            splits.map((value) => (value === 0 ? "0" : hashrate(value).replace(/\.0+(?=\s)/u, "")))
        }
      ],
      series: [
        {},
        { ...line, stroke: "transparent", width: 0 },
        { ...line, stroke: "transparent", width: 0 },
        { ...line, stroke: color("--accent"), width: element.clientWidth < narrow ? 1.25 : 1.75 }
      ],
      bands: [{ series: [1, 2], fill: color("--band") }],
      hooks: {
        setCursor: [({ cursor: { idx } }) => onPoint(pointAt(idx))]
      }
    }
  }

  const draw = () => {
    if (series === undefined) return
    plot?.destroy()
    plot = new uPlot(options(), dataOf(series), element)
  }

  new ResizeObserver(() => {
    if (plot !== undefined && plot.width !== element.clientWidth) plot.setSize({ width: element.clientWidth, height })
  }).observe(element)
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw)
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] })

  return {
    show: (next) => {
      const isSameWindow = series?.window === next.window
      series = next
      if (isSameWindow && plot !== undefined) plot.setData(dataOf(next))
      else draw()
    }
  }
}
