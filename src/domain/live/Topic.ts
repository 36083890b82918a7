import { Schema, SchemaTransformation } from "effect"

/** Topics that carry no address. `me` is the caller's own miners. */
export const topicNames = ["pool", "network", "blocks", "board", "me"] as const

/** Maximum number of topics of a stream. */
const maxTopics = 20

/** All topics, for error messages. */
const allowedTopics = "pool, network, blocks, board, miner:{address}, me"

/** Subject that a stream subscribes to. The address of a miner is checked by the service, which knows the network. */
export const Topic = Schema.Union([
  Schema.Literals(topicNames),
  Schema.TemplateLiteral(["miner:", Schema.String])
]).annotate({
  identifier: "Topic",
  description: `One of ${allowedTopics}`
})
export type Topic = typeof Topic.Type

/** Topic of a miner by its canonical address. */
export type MinerTopic = `miner:${string}`

export const minerTopic = (address: string): MinerTopic => `miner:${address}`

/** Address in the topic of a miner; undefined for other topics. */
export const addressOf = (topic: Topic): string | undefined =>
  topic.startsWith("miner:") ? topic.slice("miner:".length) : undefined

const isTopic = Schema.is(Topic)

const unknownTopics = (text: string): ReadonlyArray<string> => text.split(",").filter((topic) => !isTopic(topic))

const isTopicList = Schema.makeFilter<string>(
  (text) => {
    const unknown = unknownTopics(text)
    if (unknown.length > 0)
      return `Unknown topic ${JSON.stringify(unknown[0]?.slice(0, 100))}: expected ${allowedTopics}`
    return new Set(text.split(",")).size <= maxTopics || `Expected at most ${maxTopics} topics`
  },
  { toJsonSchema: () => ({ pattern: "^(pool|network|blocks|board|me|miner:[0-9A-Za-z]+)(,|$)" }) }
)

/** Query parameter with 1 to 20 topics, separated by commas. Order and repetition do not matter. */
export const Topics = Schema.String.check(Schema.isMaxLength(4000), isTopicList).pipe(
  Schema.decodeTo(
    Schema.Array(Topic),
    SchemaTransformation.transform({
      decode: (text): ReadonlyArray<Topic> => [...new Set(text.split(",").filter(isTopic))],
      encode: (topics) => topics.join(",")
    })
  )
)
