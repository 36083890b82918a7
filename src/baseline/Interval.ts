/*
 * Spans of the baseline are whole seconds. Postgres has a day of 24 hours and a month of 30 days, so `1 day` and
 * `24:00:00` are one.
 */
export const hours = (count: number): number => count * 3600
export const days = (count: number): number => hours(24 * count)

const units = [
  ["day", days(1)],
  ["hour", hours(1)],
  ["minute", 60]
] as const

/**
 * A span for a person and for `INTERVAL '…'`, in the largest unit that it is a whole number of: `90 days`, `1 hour`.
 */
export const intervalText = (seconds: number): string => {
  const [unit, length] = units.find(([, length]) => seconds !== 0 && seconds % length === 0) ?? ["second", 1]
  const count = seconds / length
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}
