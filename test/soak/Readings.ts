import { Effect } from "effect"

/** Resources of the process at one time. */
export interface Reading {
  /** Seconds since the load began. */
  readonly seconds: number
  readonly residentBytes: number
  readonly openFiles: number
  readonly activeResources: number
}

/** Sum of a metric's series in an exposition. */
const sumOf = (exposition: string, metric: string): number =>
  exposition
    .split("\n")
    .filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0)

/** Reads the metrics of a service. */
export const reading = (url: string, seconds: number): Effect.Effect<Reading> =>
  Effect.promise(async () => {
    const exposition = await (await fetch(`${url}/metrics`)).text()
    return {
      seconds,
      residentBytes: sumOf(exposition, "process_resident_memory_bytes"),
      openFiles: sumOf(exposition, "process_open_fds"),
      activeResources: sumOf(exposition, "nodejs_active_resources")
    }
  })

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** In the first minutes, caches fill, code is compiled and the heap finds its size. */
const warmSeconds = 300

/**
 * Growth of resident memory as a ratio: the median of the last fifth of the readings over that of the fifth after the
 * first five minutes. A run of under ten minutes counts its first half as warm-up, and the ratio is informational.
 */
export const memoryGrowth = (readings: ReadonlyArray<Reading>): number => {
  const end = readings.at(-1)?.seconds ?? 0
  const warm = Math.min(warmSeconds, end / 2)
  const between = (from: number, to: number) =>
    readings.filter(({ seconds }) => seconds >= from && seconds <= to).map(({ residentBytes }) => residentBytes)
  return median(between(end * 0.8, end)) / median(between(warm, warm + end * 0.2)) - 1
}
