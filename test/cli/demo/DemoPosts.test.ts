import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { demoPost } from "../../../src/cli/demo/DemoPosts.ts"
import { PostText } from "../../../src/domain/Post.ts"

const posts = Array.from({ length: 2000 }, (_, index) => demoPost(index))
const isText = Schema.is(PostText)

describe("demo posts", () => {
  it("are valid input for a caller", () => {
    const refused = posts.filter((post) => !isText({ ...post, parent_post_id: null }))
    assert.deepStrictEqual(refused, [])
  })

  it("are the same on each run", () => {
    assert.deepStrictEqual(
      Array.from({ length: 2000 }, (_, index) => demoPost(index)),
      posts
    )
  })

  it("reply to earlier posts, but not all of them", () => {
    assert.isTrue(posts.every(({ replyDistance }, index) => replyDistance <= index))
    assert.isTrue(posts.slice(0, 24).some(({ replyDistance }) => replyDistance > 0))
    assert.isTrue(posts.some(({ replyDistance }) => replyDistance === 0))
  })

  it("vary in authors, tags and words", () => {
    assert.strictEqual(new Set(posts.map(({ author_name }) => author_name)).size, 8)
    assert.isAbove(new Set(posts.map(({ content }) => content)).size, 1000)
    assert.isTrue(posts.some(({ tags }) => tags === null))
  })
})
