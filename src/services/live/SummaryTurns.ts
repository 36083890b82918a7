/** Topics that changed, in the order in which their states should be computed: each at most once per interval. */
export class SummaryTurns<Topic extends string> {
  readonly #intervalMs: number
  readonly #due = new Set<Topic>()
  /** Topics by the time of their last turn, oldest first. */
  readonly #resting = new Map<Topic, { readonly until: number; isMarked: boolean }>()

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  /** Records that a topic changed. A topic that rests gets its next turn afterwards. */
  mark(topic: Topic): void {
    const rest = this.#resting.get(topic)
    if (rest === undefined) this.#due.add(topic)
    else rest.isMarked = true
  }

  /** Removes and returns the topic whose turn it is; `undefined` if there is none at this time. */
  take(now: number): Topic | undefined {
    for (const [topic, { isMarked, until }] of this.#resting) {
      if (until > now) break
      this.#resting.delete(topic)
      if (isMarked) this.#due.add(topic)
    }
    const [topic] = this.#due
    if (topic === undefined) return undefined
    this.#due.delete(topic)
    this.#resting.set(topic, { until: now + this.#intervalMs, isMarked: false })
    return topic
  }

  /** Records that the turn of a topic is over, from which time the interval counts. */
  finish(topic: Topic, now: number): void {
    const rest = this.#resting.get(topic)
    if (rest === undefined) return
    this.#resting.delete(topic)
    this.#resting.set(topic, { until: now + this.#intervalMs, isMarked: rest.isMarked })
  }
}
