import { Record } from "effect"
import { spreadOf } from "./Round.ts"
import type { Round } from "./Round.ts"

export type Rounds<Name extends string> = ReadonlyArray<Readonly<Record<Name, Round>>>

/**
 * Runs rounds in which every server has its turn, so that disturbances hit all alike. Warm-up rounds are not counted.
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

/** The median, followed by the minimum and maximum in brackets. */
export const spread = (values: ReadonlyArray<number>): string => {
  const { max, median, min } = spreadOf(values)
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`
}

/** Value of a pair of servers in a round, with its bound; an empty bound is none. */
export type Pair<Name extends string> = readonly [
  what: string,
  of: (round: Readonly<Record<Name, Round>>) => number,
  bound: string
]

/**
 * Tables of the servers and of their pairs, over all rounds and over the quieter quarter. Disturbances only ever make a
 * request more expensive.
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
  const quiet = Record.map(spreads, ({ cpu, p99, perSecond }) => ({
    perSecond: perSecond.upper,
    p99: p99.lower,
    cpu: cpu.lower
  }))
  return [
    `${title}, median of ${measured.length} rounds`,
    "",
    "| server | requests a second | p99, ms | CPU, us a request | lower quartile |",
    "|---|---|---|---|---|",
    ...names.map((name) => {
      const { cpu, p99, perSecond } = spreads[name]
      const figures = [Math.round(perSecond.median), p99.median, cpu.median.toFixed(1), cpu.lower.toFixed(1)]
      return `| ${[titles[name], ...figures].join(" | ")} |`
    }),
    "",
    "| pair by pair | median (min to max) | of the quieter quarters | bound |",
    "|---|---|---|---|",
    ...pairs.map(
      ([what, of, bound]) => `| ${what} | ${spread(measured.map(of))} | ${of(quiet).toFixed(2)} | ${bound} |`
    ),
    ""
  ].join("\n")
}
