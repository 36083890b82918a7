import type { LiveStream } from "./LiveStream.ts"

const none: ReadonlySet<LiveStream> = new Set()

/** Open streams by topic. */
export class StreamIndex {
  readonly #byTopic = new Map<string, Set<LiveStream>>()
  readonly #byId = new Map<number, LiveStream>()

  get size(): number {
    return this.#byId.size
  }

  get all(): ReadonlyArray<LiveStream> {
    return [...this.#byId.values()]
  }

  /** Topics with at least one stream. */
  get topics(): Iterable<string> {
    return this.#byTopic.keys()
  }

  get(id: number): LiveStream | undefined {
    return this.#byId.get(id)
  }

  /** Streams of a topic. Copy them before a call that may end one. */
  of(topic: string): ReadonlySet<LiveStream> {
    return this.#byTopic.get(topic) ?? none
  }

  add(stream: LiveStream): void {
    this.#byId.set(stream.id, stream)
    for (const topic of stream.topics) {
      const streams = this.#byTopic.get(topic)
      if (streams === undefined) this.#byTopic.set(topic, new Set([stream]))
      else streams.add(stream)
    }
  }

  remove(stream: LiveStream): void {
    this.#byId.delete(stream.id)
    for (const topic of stream.topics) {
      const streams = this.#byTopic.get(topic)
      streams?.delete(stream)
      if (streams?.size === 0) this.#byTopic.delete(topic)
    }
  }
}
