const colours: Record<string, string> = {
  TRACE: "\u001B[90m",
  DEBUG: "\u001B[90m",
  INFO: "\u001B[32m",
  WARNING: "\u001B[33m",
  ERROR: "\u001B[31m",
  CRITICAL: "\u001B[35m"
}
const dim = "\u001B[2m"
const reset = "\u001B[0m"

const painted = (colour: string) => (text: string) => `${colour}${text}${reset}`
const plain = (text: string): string => text

/** How lines for a person are painted: what matters less is dim, a level or what is as bad has the level's colour. */
export const makePalette = (coloured: boolean) => ({
  dim: coloured ? painted(dim) : plain,
  as: (level: string): ((text: string) => string) => (coloured ? painted(colours[level] ?? "") : plain)
})

/** Time of day, level and message, as every line for a person begins; `time` is ISO 8601. */
export const consoleHead =
  ({ as, dim }: ReturnType<typeof makePalette>) =>
  (time: string, level: string, message: string): string =>
    `${dim(time.slice(11, 23))} ${as(level)(level.padEnd(8))} ${message}`
