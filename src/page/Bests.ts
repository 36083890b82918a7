import { fill, h, part, replace } from "./Dom.ts"
import { difficulty, percent, unknown } from "./Format.ts"
import { ago } from "./Time.ts"
import type { Miner } from "./Wire.ts"

type Best = Miner["best"]["all_time"]

/** Difficulty at the left end of the scale. */
const scaleStart = 1000

/** Place on a logarithmic scale from 1,000 to the network difficulty, from 0 to 1. */
const placeOf = (value: number, network: number): number =>
  Math.min(1, Math.max(0.01, Math.log(value / scaleStart) / Math.log(Math.max(network, scaleStart * 10) / scaleStart)))

const ratioText = (value: number, network: number | null): string => {
  if (network === null) return ""
  const ratio = value / network
  if (ratio >= 1) return `${ratio.toFixed(1)} × a block`
  return ratio >= 0.01 ? `${percent(ratio)} of a block` : `1 in ${difficulty(1 / ratio)} of a block`
}

const item = ([label, best]: readonly [string, Best], network: number | null): HTMLElement => {
  const bar = h("span", { class: "bar-fill" })
  bar.style.width = best === null || network === null ? "0" : `${placeOf(best.difficulty, network) * 100}%`
  return h(
    "li",
    {},
    h("span", { class: "best-label" }, label),
    h("strong", { class: "best-value" }, best === null ? unknown : difficulty(best.difficulty)),
    h("span", { class: "best-ratio" }, best === null ? "no share yet" : ratioText(best.difficulty, network)),
    h("span", { class: "bar", "aria-hidden": "true" }, bar),
    h(
      "span",
      { class: "best-source" },
      ...(best === null ? [] : [best.worker === null ? "" : `${best.worker}, `, ago(best.at)])
    )
  )
}

/** Shows best shares by period on a logarithmic scale that ends at the network difficulty. */
export const showBests = (bests: ReadonlyArray<readonly [string, Best]>, network: number | null): void => {
  replace(part("bests"), ...bests.map((best) => item(best, network)))
  fill(
    "scale",
    network === null
      ? "The network difficulty is unknown."
      : `Logarithmic scale, up to the network difficulty of ${difficulty(network)}.`
  )
}
