import { Context, Effect } from "effect"

/** Where the progress of long work is shown. */
export interface Screen {
  readonly isTerminal: boolean
  /** Whether it shows colours, and nobody asked for none (`NO_COLOR`). */
  readonly hasColours: boolean
  readonly columns: number
  readonly write: (text: string) => void
}

/** Standard error, as what a command gives stands on standard output. */
export const ProgressScreen = Context.Reference<Screen>("tbg-api/cli/ProgressScreen", {
  defaultValue: () => ({
    isTerminal: process.stderr.isTTY,
    hasColours: process.stderr.isTTY && process.stderr.hasColors(),
    columns: process.stderr.columns,
    write: (text) => void process.stderr.write(text)
  })
})

const barWidth = 30

const green = (text: string): string => `\u001b[32m${text}\u001b[39m`

const grouped = new Intl.NumberFormat("en-GB")

const figures = (done: number, total: number, what: string): string =>
  `${grouped.format(done)} of ${grouped.format(total)} ${what}`

const barOf = ({ columns, hasColours }: Screen, part: number, words: string): string => {
  const filled = Math.round(barWidth * part)
  const full = "█".repeat(filled)
  const plain = `${" ".repeat(barWidth - filled)} ${String(Math.floor(part * 100)).padStart(3)} %  ${words}`
  // A line that the terminal breaks could not be drawn over.
  const cut = plain.slice(0, Math.max(0, columns - 1 - filled))
  return `\r${hasColours ? green(full) : full}${cut}`
}

/** A line elsewhere than on a terminal comes with each tenth. */
const lines = 10

/**
 * Runs work that says how much of `total` it has done: as a bar on a terminal, by at most ten plain lines elsewhere.
 * `work` gets what it is to call with how much more was done.
 */
export const withProgress = Effect.fnUntraced(function* <A, E, R>(
  total: number,
  what: string,
  work: (advance: (more: number) => Effect.Effect<void>) => Effect.Effect<A, E, R>
): Effect.fn.Return<A, E, R> {
  const screen = yield* ProgressScreen
  let done = 0
  let shown = 0
  const advance = (more: number) =>
    Effect.sync(() => {
      done += more
      const part = Math.min(1, done / total)
      const words = figures(done, Math.max(done, total), what)
      if (screen.isTerminal) return screen.write(barOf(screen, part, words))
      if (Math.floor(part * lines) === shown) return
      shown = Math.floor(part * lines)
      screen.write(`${words}\n`)
    })
  if (total === 0) return yield* work(() => Effect.void)
  return yield* Effect.ensuring(
    work(advance),
    Effect.sync(() => (screen.isTerminal ? screen.write("\n") : undefined))
  )
})
