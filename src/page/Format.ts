/** Text for a value that the service does not know. */
export const unknown = "–"

const prefixes = ["", "k", "M", "G", "T", "P", "E", "Z"] as const

/** Four significant digits at most, so that a value keeps its width. */
const digits = (value: number): string => value.toFixed(value >= 100 ? 1 : 2)

/** Three significant digits below 10, because the shares of the smallest miners have such difficulties. */
const small = (value: number): string => String(value < 10 ? Number(value.toPrecision(3)) : Math.round(value))

/** Keeps a number and its unit on one line. */
const space = "\u00A0"

const scaled = (value: number, prefixOf: (index: number) => string): string => {
  if (value === 0) return `0${space}${prefixOf(0)}`.trimEnd()
  const rounded = Number(value.toPrecision(4))
  const index = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(rounded) / 3)))
  const short = rounded / 1000 ** index
  return `${index === 0 ? small(short) : digits(short)}${space}${prefixOf(index)}`.trimEnd()
}

/** Hashes per second, such as `382.6 TH/s`. */
export const hashrate = (value: number): string => scaled(value, (index) => `${prefixes[index] ?? ""}H/s`)

/** A difficulty or a sum of difficulties, such as `765.6 M`. */
export const difficulty = (value: number | null | undefined): string =>
  value === null || value === undefined ? unknown : scaled(value, (index) => prefixes[index] ?? "")

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })
export const count = (value: number): string => whole.format(value)

const units = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1]
] as const

const large = new Intl.NumberFormat("en-US", {
  maximumSignificantDigits: 2,
  notation: "compact",
  compactDisplay: "long"
})

/** Duration in its largest unit, such as `12 hours` or `1.4 million years`. */
export const duration = (seconds: number): string => {
  const [name, length] = units.find(([, size]) => seconds >= size) ?? (["second", 1] as const)
  const value = seconds / length
  const rounded = value < 10 && name !== "second" ? Math.round(value * 10) / 10 : Math.round(value)
  return `${rounded < 1000 ? String(rounded) : large.format(rounded)} ${name}${rounded === 1 ? "" : "s"}`
}

/** Probability as `1 in 124,000`, or as a percentage if it is likely. */
export const probability = (value: number): string => {
  if (value <= 0) return "never"
  if (value >= 0.1) return percent(value)
  const oneIn = 1 / value
  return `1 in ${oneIn < 1e6 ? count(Number(oneIn.toPrecision(2))) : large.format(oneIn)}`
}

export const percent = (value: number): string => {
  if (value > 0 && value < 0.0001) return `<${space}0.01${space}%`
  if (value >= 1) return `100${space}%`
  const places = value > 0.999 || value < 0.01 ? 2 : 1
  return `${(Math.floor(value * 100 * 10 ** places) / 10 ** places).toFixed(places)}${space}%`
}

/** Change in percent with its sign, such as `+3.1 %`. */
export const change = (value: number | null): string =>
  value === null ? "" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}${space}%`

export const shortAddress = (address: string): string =>
  address.length <= 16 ? address : `${address.slice(0, 7)}…${address.slice(-5)}`

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" })
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" })

export const absoluteTime = (at: string): string => absolute.format(new Date(at))
export const clockTime = (at: Date): string => clock.format(at)
export const dayTime = (at: Date): string => `${day.format(at)}, ${clock.format(at)}`
export const dayOf = (at: string): string => day.format(new Date(at))

export const relativeTime = (at: string, now: number): string => {
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000)
  if (seconds < 5) return "now"
  const [name, length] = units.find(([, size]) => seconds >= size) ?? (["second", 1] as const)
  const value = Math.floor(seconds / length)
  return `${value} ${name === "second" || name === "minute" ? name.slice(0, 3) : name}${value === 1 || name === "minute" || name === "second" ? "" : "s"} ago`
}

/** Time until the next week begins, on Monday at 00:00 UTC. */
export const secondsToMonday = (now: Date): number => {
  const daysLeft = 7 - ((now.getUTCDay() + 6) % 7)
  const monday = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + daysLeft)
  return (monday - now.getTime()) / 1000
}
