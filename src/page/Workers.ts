import { empty, h, part, replace, table } from "./Dom.ts"
import { count, difficulty, hashrate, unknown } from "./Format.ts"
import { ago } from "./Time.ts"
import type { Worker } from "./Wire.ts"

const stateOf = ({ online }: Worker): HTMLElement =>
  h("span", { class: "tag", "data-status": online ? "online" : "offline" }, online ? "online" : "offline")

export const showWorkers = (workers: ReadonlyArray<Worker>): void =>
  replace(
    part("workers"),
    workers.length === 0
      ? empty("No worker has sent a share yet.")
      : table(
          "Workers",
          [
            { title: "Name", cell: ({ name }) => h("span", { title: name }, name) },
            { title: "State", cell: stateOf },
            { title: "1 hour", cell: (worker) => hashrate(worker.hashrate["1h"].value), isNumber: true },
            {
              title: "24 hours",
              cell: (worker) => hashrate(worker.hashrate["24h"].value),
              isNumber: true,
              isExtra: true
            },
            { title: "Difficulty", cell: (worker) => difficulty(worker.difficulty), isNumber: true, isExtra: true },
            { title: "Best share", cell: ({ best }) => difficulty(best?.difficulty), isNumber: true, isExtra: true },
            { title: "Shares, 24 hours", cell: ({ shares_24h }) => count(shares_24h), isNumber: true, isExtra: true },
            {
              title: "Last share",
              cell: ({ last_share_at }) => (last_share_at === null ? unknown : ago(last_share_at))
            }
          ],
          workers
        )
  )
