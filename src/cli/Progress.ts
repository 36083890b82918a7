import { Context, Effect } from "effect"

/** Terminal or stream to which progress is written. */
export interface Screen {
  readonly isTerminal: boolean
  readonly columns: number
  readonly write: (text: string) => void
}

/** Standard error, because standard output is for the result of the command. */
export const ProgressScreen = Context.Reference<Screen>("tbg-api/cli/ProgressScreen", {
  defaultValue: () => ({
    isTerminal: process.stderr.isTTY,
    columns: process.stderr.columns,
    write: (text) => void process.stderr.write(text)
  })
})

const barWidth = 30

const numberFormat = new Intl.NumberFormat("en-US")

const barOf = (columns: number, part: number, words: string): string => {
  const bar = "█".repeat(Math.round(barWidth * part)).padEnd(barWidth)
  // A wrapped line could not be overwritten.
  return `\r${`${bar} ${String(Math.floor(part * 100)).padStart(3)} %  ${words}`.slice(0, columns - 1)}`
}

/** Maximum number of lines without a terminal. */
const maxLines = 10

/** Shows a progress bar on a terminal, or at most ten lines elsewhere. `work` reports the items that it completes. */
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
      const words = `${numberFormat.format(done)} of ${numberFormat.format(Math.max(done, total))} ${what}`
      if (screen.isTerminal) return screen.write(barOf(screen.columns, part, words))
      // Rounding errors of fractions must not hide the last line.
      const line = Math.floor(part * maxLines + 1e-6)
      if (line === shown) return
      shown = line
      screen.write(`${words}\n`)
    })
  if (total === 0) return yield* work(() => Effect.void)
  return yield* Effect.ensuring(
    work(advance),
    Effect.sync(() => (screen.isTerminal ? screen.write("\n") : undefined))
  )
})
