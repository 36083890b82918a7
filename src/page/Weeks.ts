import { read } from "./Api.ts"
import { empty, h, part, replace, table } from "./Dom.ts"
import { difficulty, percent, unknown } from "./Format.ts"
import { showStandings } from "./Standings.ts"
import type { Week } from "./Wire.ts"

const refreshMs = 60_000
/** Time until a new best share is on the boards. */
const boardMs = 1500
const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const

/** A value with its rank. */
const ranked = (text: string, rank: number | null): HTMLElement =>
  h("span", {}, text, ...(rank === null ? [] : [" ", h("small", {}, `#${rank}`)]))

/** Best share of each day as bars on a logarithmic scale, highest at the best of the week. */
const daysOf = ({ best, days }: Week): HTMLElement => {
  const texts = days.map((day, index) => `${dayNames[index] ?? ""} ${difficulty(day.best?.difficulty)}`)
  const bars = dayNames.map((_name, index) => {
    const bar = h("i", { title: texts[index] })
    const value = days[index]?.best?.difficulty ?? 1
    bar.style.height = `${Math.max(0.08, Math.log(value) / Math.log(Math.max(best?.difficulty ?? 2, 2))) * 100}%`
    return bar
  })
  return h("span", { class: "days", role: "img", "aria-label": texts.join(", ") }, ...bars)
}

const showWeeks = (weeks: ReadonlyArray<Week>): void =>
  replace(
    part("weeks"),
    weeks.length === 0
      ? empty("No week with a share yet.")
      : table(
          "Weeks",
          [
            { title: "Week", cell: ({ week }) => week },
            { title: "Days", cell: daysOf },
            {
              title: "Best share",
              cell: ({ best, ranks }) => ranked(difficulty(best?.difficulty), ranks.difficulty),
              isNumber: true
            },
            {
              title: "Of a block",
              cell: ({ progress }) => (progress === null ? unknown : percent(progress)),
              isNumber: true,
              isExtra: true
            },
            { title: "Work", cell: ({ ranks, work }) => ranked(difficulty(work), ranks.work), isNumber: true },
            {
              title: "Luck",
              cell: ({ luck, ranks }) => ranked(luck === null ? unknown : percent(luck), ranks.luck),
              isNumber: true,
              isExtra: true
            }
          ],
          weeks
        )
  )

/** Reads the history of the weeks and the places on the boards, once a minute while the page is visible. */
export const followWeeks = (address: string): { readonly refreshSoon: () => void } => {
  const load = async () => {
    if (document.hidden) return
    const answer = await read<{ weeks: ReadonlyArray<Week> }>(`miners/${encodeURIComponent(address)}/weeks`)
    if (!answer.isOk) return
    showWeeks(answer.body.weeks)
    await showStandings(address, answer.body.weeks[0])
  }
  setInterval(() => void load(), refreshMs)
  document.addEventListener("visibilitychange", () => void load())
  void load()
  let timer = 0
  return {
    refreshSoon: () => {
      clearTimeout(timer)
      timer = setTimeout(() => void load(), boardMs)
    }
  }
}
