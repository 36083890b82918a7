import { Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"

/** Output of `--cpu-prof`; times are in microseconds of the clock of `process.hrtime`. */
const CpuProfile = Schema.fromJsonString(
  Schema.Struct({
    startTime: Schema.Number,
    nodes: Schema.Array(
      Schema.Struct({
        id: Schema.Number,
        callFrame: Schema.Struct({ functionName: Schema.String, url: Schema.String, lineNumber: Schema.Number }),
        children: Schema.optionalKey(Schema.Array(Schema.Number))
      })
    ),
    samples: Schema.Array(Schema.Number),
    timeDeltas: Schema.Array(Schema.Number)
  })
)
const decodeProfile = Schema.decodeUnknownSync(CpuProfile)

/** Module of the code, or V8's name for other activity, such as `(garbage collector)`. */
type Frame = string

/** First line of each module in a bundle, according to the bundler's comments. */
const modulesOf = (file: string): ReadonlyArray<readonly [line: number, module: string]> =>
  readFileSync(file, "utf8")
    .split("\n")
    .flatMap((text, line) => {
      const module = /^\/\/ ((?:src|node_modules|migrations)\/\S+)$/.exec(text)?.[1]
      return module === undefined ? [] : [[line, module] as const]
    })

/** Microseconds by stack, innermost frame first, of the samples between two times. */
export const stacksBetween = (
  profile: string,
  bundle: string,
  from: number,
  until: number
): ReadonlyArray<readonly [stack: ReadonlyArray<Frame>, microseconds: number]> => {
  const { nodes, samples, startTime, timeDeltas } = decodeProfile(readFileSync(profile, "utf8"))
  const modules = new Map(
    readdirSync(bundle)
      .filter((name) => name.endsWith(".js"))
      .map((name) => [name, modulesOf(join(bundle, name))])
  )
  const frameOf = ({ functionName, lineNumber, url }: (typeof nodes)[number]["callFrame"]): Frame => {
    const own = modules.get(basename(url))
    if (own === undefined) return url === "" ? functionName : url
    return own.findLast(([line]) => line <= lineNumber)?.[1] ?? "bundle"
  }
  const frames = new Map(nodes.map(({ callFrame, id }) => [id, frameOf(callFrame)]))
  const parents = new Map(nodes.flatMap(({ children = [], id }) => children.map((child) => [child, id] as const)))
  const stackOf = (id: number): ReadonlyArray<Frame> => {
    const stack: Array<Frame> = []
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) stack.push(frames.get(at) ?? "")
    return stack
  }
  const spent = new Map<number, number>()
  let now = startTime
  samples.forEach((id, at) => {
    // The sampled node has run since the previous sample.
    const elapsed = timeDeltas[at] ?? 0
    now += elapsed
    if (now >= from && now <= until) spent.set(id, (spent.get(id) ?? 0) + elapsed)
  })
  return [...spent].map(([id, microseconds]) => [stackOf(id), microseconds] as const)
}
