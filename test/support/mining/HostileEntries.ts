import { addresses } from "./Schedules.ts"

/** An entry as some client appends it. Values may be bytes that are not UTF-8. */
export interface HostileEntry {
  readonly name: string
  readonly stream: string
  readonly fields: ReadonlyArray<string | Buffer>
  /** Counter of `mining_counters` that the entry increments. */
  readonly counter: readonly [name: "quarantined" | "skipped" | "events", label: string]
}

const [victim, attacker] = addresses

/** Seconds since 1970, which a test sets to the present time. */
type Seconds = number

const data = (members: string) => `{"user":"${attacker}",${members},"accepted":true}`

/** Entries that break readers. `now` is the present time. */
export const hostileEntries = (now: Seconds): ReadonlyArray<HostileEntry> => {
  const share = (
    name: string,
    reason: string,
    json: string | Buffer,
    ts: string | Buffer = String(now)
  ): HostileEntry => ({
    name,
    stream: "mining:share_submitted",
    fields: ["event", "share_submitted", "ts", ts, "source", "hosted", "data", json],
    counter: ["quarantined", reason]
  })
  const worker = `"worker":"${attacker}.rig"`
  const normal = `${worker},"diff":1,"sdiff":2`
  return [
    share("a quote in a worker name", "bad_json", data(`"worker":"${attacker}.a"b","diff":1,"sdiff":2`)),
    share("a second user", "duplicate_key", data(`"worker":"${attacker}.x","user":"${victim}","diff":1,"sdiff":2`)),
    share("the worker of another user", "misattributed", data(`"worker":"${victim}.rig","diff":1,"sdiff":2`)),
    share("a name of 10 kB", "oversized", data(`"worker":"${attacker}.${"x".repeat(10_240)}","diff":1,"sdiff":2`)),
    share("a name of 129 bytes", "bad_name", data(`"worker":"${attacker}.${"é".repeat(64)}x","diff":1,"sdiff":2`)),
    share("a NUL in a name", "bad_text", data(`"worker":"${attacker}.a\\u0000b","diff":1,"sdiff":2`)),
    share("half of a surrogate pair", "bad_text", data(`"worker":"${attacker}.a\\ud800","diff":1,"sdiff":2`)),
    share("NaN", "bad_json", data(`${worker},"diff":NaN,"sdiff":2`)),
    share("NaN as text", "bad_difficulty", data(`${worker},"diff":"NaN","sdiff":2`)),
    share("a negative difficulty", "bad_difficulty", data(`${worker},"diff":-1,"sdiff":2`)),
    share("a difficulty of 1e308", "bad_difficulty", data(`${worker},"diff":1e308,"sdiff":1e308`)),
    share("an infinite difficulty", "bad_difficulty", data(`${worker},"diff":1e999,"sdiff":2`)),
    share("no difficulty", "bad_difficulty", data(worker)),
    share("a time in 1970", "too_old", data(normal), "86400.5"),
    share("a time in 2200", "in_future", data(normal), "7258118400.0"),
    share("a time that is not a number", "bad_time", data(normal), "yesterday"),
    share("binary fields", "bad_json", Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x22]), Buffer.from([0xff, 0x00])),
    share("a list instead of an object", "bad_json", "[1,2,3]"),
    share(
      "an address with a wrong checksum",
      "bad_address",
      `{"user":"tb1qxyz","worker":"tb1qxyz.a","diff":1,"sdiff":2}`
    ),
    share(
      "an address of mainnet",
      "wrong_network",
      `{"user":"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4","worker":"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4","diff":1,"sdiff":2}`
    ),
    {
      name: "an unknown event type",
      stream: "mining:share_submitted",
      fields: ["event", "coffee_ready", "ts", String(now), "data", "{}"],
      counter: ["skipped", "unknown_type"]
    },
    {
      name: "a block without a height",
      stream: "mining:block_found",
      fields: ["event", "block_found", "ts", String(now), "data", `{"user":"pool"}`],
      counter: ["quarantined", "bad_height"]
    }
  ]
}

/** A share that must be counted after each of them. `index` makes it unlike the others. */
export const goodEntry = (now: Seconds, index: number): ReadonlyArray<string> => [
  "event",
  "share_submitted",
  "ts",
  String(now),
  "source",
  "hosted",
  "data",
  `{"user":"${victim}","worker":"${victim}.rig","diff":1,"sdiff":${index + 2}.00000000,"accepted":true}`
]
