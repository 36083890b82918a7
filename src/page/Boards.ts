import { minerUrl } from "./Api.ts"
import { empty, fill, find, h, replace } from "./Dom.ts"
import { absoluteTime, difficulty, percent, shortAddress } from "./Format.ts"
import { boardNames } from "./Wire.ts"
import type { Board, BoardName, Boards, Entry } from "./Wire.ts"

const shown = 10

const valueOf = (name: BoardName, value: number): string => (name === "luck" ? percent(value) : difficulty(value))

const playerOf = ({ address, name }: Entry): HTMLElement => {
  if (address === null) return h("span", { class: "lead" }, "hidden")
  const text = name ?? shortAddress(address)
  return h("a", { href: minerUrl(address), title: address, class: name === null ? "address" : "name" }, text)
}

const changeOf = ({ rank_change }: Entry): HTMLElement => {
  if (rank_change === null || rank_change === 0) return h("span", { class: "change" })
  const isUp = rank_change > 0
  const places = Math.abs(rank_change)
  return h(
    "span",
    { class: `change ${isUp ? "up" : "down"}` },
    h("span", { "aria-hidden": "true" }, `${isUp ? "▲" : "▼"}${places}`),
    h("span", { class: "hidden" }, `${isUp ? "up" : "down"} ${places} since yesterday`)
  )
}

const rowOf = (name: BoardName, entry: Entry): HTMLElement =>
  h(
    "tr",
    {},
    h("td", { class: "rank" }, String(entry.rank)),
    h("th", { scope: "row" }, playerOf(entry)),
    h("td", { class: "number", title: absoluteTime(entry.at) }, valueOf(name, entry.value)),
    h("td", {}, changeOf(entry))
  )

const head = (name: BoardName): HTMLElement =>
  h(
    "thead",
    {},
    h(
      "tr",
      {},
      ...["Rank", "Player", name, "Change of rank"].map((title) =>
        h("th", { scope: "col" }, h("span", { class: "hidden" }, title))
      )
    )
  )

const show = (name: BoardName, board: Board | undefined): void => {
  const body = find(`[data-board="${name}"]`)
  if (board === undefined) return replace(body, empty("This board is not available at the moment."))
  if (board.entries.length === 0) {
    return replace(
      body,
      empty(
        name === "luck"
          ? "Nobody is ranked yet. It takes an account and 100 shares in the week."
          : "No share this week yet."
      )
    )
  }
  const rows = board.entries.slice(0, shown).map((entry) => rowOf(name, entry))
  replace(body, h("table", { "aria-labelledby": `board-${name}` }, head(name), h("tbody", {}, ...rows)))
}

/** Shows boards; those that the state does not have stay as they are. */
export const showBoards = (boards: Boards): void => {
  for (const name of boardNames) {
    if (!(name in boards)) continue
    const board = boards[name]
    show(name, board)
    if (board !== undefined) fill("week", `Week ${board.week.slice(-2)} of ${board.week.slice(0, 4)}`)
  }
}
