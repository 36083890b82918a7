import { Record } from "effect"
import { spreadOf } from "./Round.ts"
import type { Round } from "./Round.ts"

/** Rounds by server. */
export type Rounds<Name extends string> = ReadonlyArray<Readonly<Record<Name, Round>>>

/**
 * Runs rounds in which all servers take turns, so that other load on the machine affects them alike. The first `warming`
 * rounds only warm up the compilers.
 */
export const measure = async <Name extends string>(
  rounds: number,
  round: () => Promise<Readonly<Record<Name, Round>>>,
  warming = 2
): Promise<Rounds<Name>> => {
  for (let warmed = 0; warmed < warming; warmed++) await round()
  const measured: Array<Readonly<Record<Name, Round>>> = []
  while (measured.length < rounds) measured.push(await round())
  return measured
}

/** Formats the median with the minimum and maximum. */
export const spread = (values: ReadonlyArray<number>): string => {
  const { max, median, min } = spreadOf(values)
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`
}

/** Figure that compares servers in a round, with its bound, which may be empty. */
export type Pair<Name extends string> = readonly [
  title: string,
  of: (round: Readonly<Record<Name, Round>>) => number,
  bound: string
]

/**
 * Formats a table of the servers and a table of comparisons: the median over rounds, and the value of the best quartile
 * of each server, because other load on the machine can only make requests more expensive.
 */
export const report = <Name extends string>(
  title: string,
  titles: Readonly<Record<Name, string>>,
  names: ReadonlyArray<Name>,
  measured: Rounds<Name>,
  pairs: ReadonlyArray<Pair<Name>>
): string => {
  const spreads = Record.map(titles, (_, name) => {
    const spreadIn = (figure: keyof Round) => spreadOf(measured.map((round) => round[name][figure]))
    return { perSecond: spreadIn("perSecond"), p99: spreadIn("p99"), cpu: spreadIn("cpu") }
  })
  const best = Record.map(spreads, ({ cpu, p99, perSecond }) => ({
    perSecond: perSecond.upper,
    p99: p99.lower,
    cpu: cpu.lower
  }))
  return [
    `${title}, median of ${measured.length} rounds`,
    "",
    "| server | requests per second | p99, ms | CPU, us per request | lower quartile |",
    "|---|---|---|---|---|",
    ...names.map((name) => {
      const { cpu, p99, perSecond } = spreads[name]
      const figures = [Math.round(perSecond.median), p99.median, cpu.median.toFixed(1), cpu.lower.toFixed(1)]
      return `| ${[titles[name], ...figures].join(" | ")} |`
    }),
    "",
    "| comparison | median (min to max) | best quartiles | bound |",
    "|---|---|---|---|",
    ...pairs.map(
      ([title, of, bound]) => `| ${title} | ${spread(measured.map(of))} | ${of(best).toFixed(2)} | ${bound} |`
    ),
    ""
  ].join("\n")
}
