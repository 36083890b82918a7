import { Schema, SchemaTransformation } from "effect"
import { Flag } from "effect/cli"
import { integerTextBetween } from "../../domain/Text.ts"
import { faults } from "../../services/mining/simulation/Deliveries.ts"
import { decodeWith } from "../CommandParts.ts"

const secondsIn = { s: 1, m: 60, h: 3600, d: 86_400 } as const

const span = /^(\d{1,9}(?:\.\d{1,3})?)([smhd])$/

/** Seconds of a span such as `90s`, `10m`, `2h` or `1d`. */
const SpanText = Schema.String.check(Schema.isPattern(span)).pipe(
  Schema.decodeTo(
    Schema.Finite.check(Schema.isGreaterThan(0)),
    SchemaTransformation.transform({
      decode: (text) => {
        const [, amount = "", unit = ""] = span.exec(text) ?? []
        return Number(amount) * (unit === "s" || unit === "m" || unit === "h" || unit === "d" ? secondsIn[unit] : 1)
      },
      encode: (seconds) => `${seconds}s`
    })
  )
)

const positive = (maximum: number) =>
  Schema.FiniteFromString.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(maximum))

const Faults = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Array(Schema.String),
    SchemaTransformation.transform({
      decode: (text): ReadonlyArray<string> => (text === "all" ? faults : text.split(",")),
      encode: (names) => names.join(",")
    })
  ),
  Schema.decodeTo(Schema.Array(Schema.Literals(faults)))
)

const mostMiners = 100_000

export const flags = {
  miners: Flag.String("miners").pipe(
    decodeWith(integerTextBetween(1, mostMiners), `a whole number from 1 to ${mostMiners}`),
    Flag.withDescription("Number of addresses, with 3 workers each on average; 100 by default"),
    Flag.withDefault(100)
  ),
  rate: Flag.String("rate").pipe(
    decodeWith(positive(100_000), "shares per second of all workers, more than 0 and at most 100000"),
    Flag.withDescription("Shares per second of all workers; by default each worker sends 15 a minute"),
    Flag.withDefault(undefined)
  ),
  seed: Flag.String("seed").pipe(
    Flag.withDescription("Seed of the fleet and its events; 1 by default"),
    Flag.withDefault("1")
  ),
  speed: Flag.String("speed").pipe(
    decodeWith(positive(100_000), "a factor of more than 0 and at most 100000"),
    Flag.withDescription("Simulated seconds per second; needs --for, and ends at the present time; 1 by default"),
    Flag.withDefault(1)
  ),
  faults: Flag.String("faults").pipe(
    decodeWith(Faults, `all, or a comma-separated list of ${faults.join(", ")}`),
    Flag.withDescription(
      `Faults of the producers: all, or a comma-separated list of ${faults.join(", ")}; none by default`
    ),
    Flag.withDefault([])
  ),
  for: Flag.String("for").pipe(
    decodeWith(SpanText, "a span such as 90s, 10m, 2h or 1d"),
    Flag.withDescription("Simulated time to play, such as 10m; until interrupted by default"),
    Flag.withDefault(undefined)
  )
}
