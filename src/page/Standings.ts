import { read } from "./Api.ts"
import { boardBody, boardTable, fillWeek } from "./Boards.ts"
import { empty, h, replace } from "./Dom.ts"
import { count, percent } from "./Format.ts"
import { boardNames } from "./Wire.ts"
import type { BoardName, Entry, Standing, Week } from "./Wire.ts"

/** Entries shown on each side of the miner, and more on one side at an end of the board. */
const reach = 2

const betterThan = (percentile: number | null): string => {
  if (percentile === null || percentile === 0) return ""
  return percentile === 1 ? ", better than all others" : `, better than ${percent(percentile)}`
}

const neighborsOf = ({ above, below, entry }: Standing): ReadonlyArray<Entry> => {
  const entries = [...above, entry, ...below]
  const size = 2 * reach + 1
  const start = Math.max(0, Math.min(above.length - reach, entries.length - size))
  return entries.slice(start, start + size)
}

const showStanding = (name: BoardName, standing: Standing): void => {
  const { entry, percentile, total } = standing
  replace(
    boardBody(name),
    h(
      "p",
      { class: "standing" },
      h("strong", {}, `Rank ${count(entry.rank)}`),
      ` of ${count(total)}${betterThan(percentile)}`
    ),
    boardTable(name, neighborsOf(standing), entry)
  )
}

const absence = (name: BoardName, hasShares: boolean): string =>
  name === "luck" && hasShares
    ? "Not ranked. It takes a signed-in address and 100 shares in the week."
    : "No share this week yet."

/** Shows the places of a miner on the boards of the week. Boards without it are not asked. */
export const showStandings = async (address: string, newest: Week | undefined): Promise<void> => {
  const current = newest?.status === "open" ? newest : undefined
  await Promise.all(
    boardNames.map(async (name) => {
      if ((current?.ranks[name] ?? null) === null) {
        return replace(boardBody(name), empty(absence(name, current !== undefined)))
      }
      const answer = await read<Standing>(`leaderboard/miners/${encodeURIComponent(address)}?board=${name}`)
      if (!answer.isOk) return
      fillWeek(answer.body.week)
      showStanding(name, answer.body)
    })
  )
}
