/** One sample. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly samples: ReadonlyArray<Sample>
}

const head = /^# HELP ([a-zA-Z_:][\w:]*) (\S.*)$/
const kind = /^# TYPE (\S+) (counter|gauge|histogram)$/
const figures = /^([a-zA-Z_:][\w:]*)(?:\{(.+)\})? ([+-]?Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,(?!$)|$)/gy

const check = (holds: boolean, problem: string): void => {
  if (!holds) throw new Error(problem)
}

const labelsOf = (text: string): Record<string, string> => {
  const found = [...text.matchAll(label)]
  check(found.map(([all]) => all).join("") === text, `labels: ${text}`)
  const labels = Object.fromEntries(found.map(([, name = "", value = ""]) => [name, value]))
  check(Object.keys(labels).length === found.length, `a label twice: ${text}`)
  return labels
}

const sampleOf = (line: string): Sample => {
  const [matched, name = "", labels, value = ""] = figures.exec(line) ?? []
  check(matched !== undefined, `no line of figures: ${line}`)
  return { name, labels: labels === undefined ? {} : labelsOf(labels), value: Number(value.replace("Inf", "Infinity")) }
}

/** Sorted labels of a series as one text. */
const keyOf = (labels: Sample["labels"]): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))

const checkHistogram = (name: string, samples: ReadonlyArray<Sample>): void => {
  const series = Map.groupBy(samples, ({ labels }) => keyOf({ ...labels, le: "" }))
  for (const [key, lines] of series) {
    const buckets = lines.filter((line) => line.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => Number(labels["le"]?.replace("Inf", "Infinity")))
    const counts = buckets.map(({ value }) => value)
    const isAscending = bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? Number.NaN))
    const isCumulative = counts.every((count, index) => index === 0 || count >= (counts[index - 1] ?? Number.NaN))
    const countOf = (suffix: string) => lines.filter((line) => line.name === name + suffix).map(({ value }) => value)
    check(isAscending && bounds.at(-1) === Infinity, `buckets of ${name}${key}`)
    check(isCumulative, `counts of ${name}${key}`)
    check(countOf("_sum").length === 1, `sum of ${name}${key}`)
    check(countOf("_count").length === 1 && countOf("_count")[0] === counts.at(-1), `count of ${name}${key}`)
  }
}

const checkFamily = ({ name, samples, type }: Family): void => {
  check(samples.length > 0, `${name} has no figures`)
  const names = type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
  for (const sample of samples) check(names.includes(sample.name), `${sample.name} under ${name}`)
  const keys = new Set(samples.map((sample) => sample.name + keyOf(sample.labels)))
  check(keys.size === samples.length, `${name} has a series twice`)
  check(name.endsWith("_total") === (type === "counter"), `suffix of ${name}, a ${type}`)
  if (type === "histogram") checkHistogram(name, samples)
}

/**
 * Families of a text in the exposition format 0.0.4, by name. Stricter than the format: each has HELP, TYPE and then
 * its samples, once; only counters end in `_total`. Throws on a violation.
 */
export const expositionOf = (text: string): ReadonlyMap<string, Family> => {
  check(text.endsWith("\n"), "the last line has no end")
  const families = new Map<string, Family>()
  for (const part of text.slice(0, -1).split(/\n(?=# HELP )/)) {
    const [help = "", typed = "", ...lines] = part.split("\n")
    const name = head.exec(help)?.[1] ?? ""
    const [, typedName, type = ""] = kind.exec(typed) ?? []
    check(name !== "" && typedName === name, `no HELP and TYPE: ${help} ${typed}`)
    check(!families.has(name), `${name} comes twice`)
    const family = { name, type, samples: lines.map(sampleOf) }
    checkFamily(family)
    families.set(name, family)
  }
  return families
}

/** Samples with this name whose labels include these. */
export const valuesOf = (text: string, name: string, labels: Sample["labels"] = {}): ReadonlyArray<number> =>
  [...expositionOf(text).values()]
    .flatMap(({ samples }) => samples)
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .map(({ value }) => value)
