import { minerUrl } from "./Api.ts"
import { empty, fill, find, h, replace } from "./Dom.ts"
import { absoluteTime, difficulty, duration, percent, secondsToMonday, shortAddress } from "./Format.ts"
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

const rowOf = (name: BoardName, entry: Entry, isOwn: boolean): HTMLElement =>
  h(
    "tr",
    { "aria-current": isOwn ? "true" : undefined },
    h("td", { class: "rank" }, String(entry.rank)),
    h("td", {}, changeOf(entry)),
    h("th", { scope: "row" }, playerOf(entry)),
    h("td", { class: "number", title: absoluteTime(entry.at) }, valueOf(name, entry.value))
  )

const head = (name: BoardName): HTMLElement =>
  h(
    "thead",
    {},
    h(
      "tr",
      {},
      ...["Rank", "Change of rank", "Player", name].map((title) =>
        h("th", { scope: "col" }, h("span", { class: "hidden" }, title))
      )
    )
  )

/** Table of entries, in which `own` is marked. */
export const boardTable = (name: BoardName, entries: ReadonlyArray<Entry>, own?: Entry): HTMLElement =>
  h(
    "table",
    { "aria-labelledby": `board-${name}` },
    head(name),
    h("tbody", {}, ...entries.map((entry) => rowOf(name, entry, entry === own)))
  )

export const boardBody = (name: BoardName): HTMLElement | undefined => find(`[data-board="${name}"]`)

export const fillWeek = (week: string): void =>
  fill("week", `Week ${week.slice(-2)} of ${week.slice(0, 4)}, ends in ${duration(secondsToMonday(new Date()))}`)

const emptyBoard = (name: BoardName): ReadonlyArray<HTMLElement> =>
  name === "luck"
    ? [
        empty("Nobody is ranked yet. It takes a signed-in address and 100 shares in the week."),
        h("button", { type: "button", "data-action": "sign-in" }, "Join this board")
      ]
    : [empty("No share this week yet.")]

const show = (name: BoardName, board: Board | undefined): void => {
  const body = boardBody(name)
  if (board === undefined) return replace(body, empty("This board is not available at the moment."))
  if (board.entries.length === 0) return replace(body, ...emptyBoard(name))
  replace(body, boardTable(name, board.entries.slice(0, shown)))
}

/** Shows boards; those that the state does not have stay as they are. */
export const showBoards = (boards: Boards): void => {
  for (const name of boardNames) {
    if (!(name in boards)) continue
    const board = boards[name]
    show(name, board)
    if (board !== undefined) fillWeek(board.week)
  }
}
