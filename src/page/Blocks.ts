import { minerUrl } from "./Api.ts"
import { empty, h, part, replace, table } from "./Dom.ts"
import { count, difficulty, shortAddress, unknown } from "./Format.ts"
import { ago } from "./Time.ts"
import type { Block } from "./Wire.ts"

const finder = ({ address }: Block) =>
  address === null
    ? "hidden"
    : h("a", { href: minerUrl(address), class: "address", title: address }, shortAddress(address))

const hash = ({ hash: text }: Block) =>
  text === null ? unknown : h("span", { class: "address", title: text }, `${text.slice(0, 6)}…${text.slice(-8)}`)

export const showBlocks = (blocks: ReadonlyArray<Block>): void =>
  replace(
    part("blocks"),
    blocks.length === 0
      ? empty("The pool has found no block yet.")
      : table(
          "Blocks of the pool",
          [
            { title: "Height", cell: ({ height }) => count(height) },
            { title: "Found", cell: ({ found_at }) => ago(found_at) },
            { title: "Miner", cell: finder },
            { title: "Hash", cell: hash, isExtra: true },
            { title: "Difficulty", cell: (block) => difficulty(block.difficulty), isNumber: true, isExtra: true },
            { title: "Status", cell: ({ status }) => h("span", { class: "tag", "data-status": status }, status) }
          ],
          blocks
        )
  )
