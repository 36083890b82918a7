const authors = ["Ada", "Bruno", "Chiara", "Dmitri", "Eun-ji", "Farida", "Gonçalo", "Hal"]

const openings = [
  "My best share today was",
  "The rig in the garage is at",
  "Since the last adjustment I see",
  "After the firmware update I get",
  "On the small worker I count",
  "Over the night the pool gave me"
]

const measures = ["G of difficulty", "TH/s on average", "accepted shares an hour", "stale shares out of a thousand"]

const closings = [
  "Does anyone else see that?",
  "Not bad for a board that I found at a flea market.",
  "The graph on the dashboard agrees.",
  "I will let it run until Sunday and compare.",
  "Week's ranking, here I come.",
  "It was half of that in spring."
]

const replies = [
  "Same here, within a few percent.",
  "Have you tried another pool address?",
  "Well done!\nKeep us posted.",
  "Mine dropped too; a new power supply fixed it.",
  "That looks like the difficulty adjustment to me."
]

const tagSets: ReadonlyArray<ReadonlyArray<string> | null> = [
  ["mining"],
  ["hardware", "firmware"],
  null,
  ["difficulty"],
  ["pool", "question"],
  []
]

export interface DemoPost {
  readonly author_name: string
  readonly content: string
  readonly tags: ReadonlyArray<string> | null
  /** Distance to the earlier post that it replies to; 0 if it is not a reply. */
  readonly replyDistance: number
}

const pick = (list: ReadonlyArray<string>, at: number): string => list[at % list.length] ?? ""

/** Returns the demo post at an index. Every third post replies to an earlier one. */
export const demoPost = (index: number): DemoPost => {
  const replyDistance = index > 0 && index % 3 === 2 ? 1 + (Math.floor(index / 3) % Math.min(index, 5)) : 0
  const figure = 10 + ((index * 37) % 890)
  const opening = pick(openings, index)
  const measure = pick(measures, Math.floor(index / 2))
  return {
    author_name: pick(authors, index * 5 + Math.floor(index / 8)),
    content:
      replyDistance > 0
        ? pick(replies, Math.floor(index / 3))
        : `${opening} ${figure} ${measure}. ${pick(closings, Math.floor(index / 6))}`,
    tags: tagSets[index % tagSets.length] ?? null,
    replyDistance
  }
}
