const colors: Record<string, string> = {
  TRACE: "\u001B[90m",
  DEBUG: "\u001B[90m",
  INFO: "\u001B[32m",
  WARNING: "\u001B[33m",
  ERROR: "\u001B[31m",
  CRITICAL: "\u001B[35m"
}
const dim = "\u001B[2m"
const reset = "\u001B[0m"

const painted = (color: string) => (text: string) => `${color}${text}${reset}`
const plain = (text: string): string => text

/** Colors of console lines; `as` paints text in the color of a level. */
export const makePalette = (hasColors: boolean) => ({
  dim: hasColors ? painted(dim) : plain,
  as: (level: string): ((text: string) => string) => (hasColors ? painted(colors[level] ?? "") : plain)
})

/** Start of a console line: time of day, level and message; `time` is ISO 8601. */
export const consoleHead =
  ({ as, dim }: ReturnType<typeof makePalette>) =>
  (time: string, level: string, message: string): string =>
    `${dim(time.slice(11, 23))} ${as(level)(level.padEnd(8))} ${message}`
