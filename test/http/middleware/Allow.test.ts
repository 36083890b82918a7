import { assert, describe, it } from "@effect/vitest"
import { makeAllow } from "../../../src/http/middleware/Allow.ts"

const allowOf = makeAllow([
  { method: "GET", path: "/health" },
  { method: "GET", path: "/posts" },
  { method: "POST", path: "/posts" },
  { method: "GET", path: "/posts/:id" },
  { method: "DELETE", path: "/posts/:id" },
  { method: "POST", path: "/posts/:id/restore" }
])

describe("Allow", () => {
  it.each([
    ["/health", "GET, HEAD, OPTIONS"],
    ["/health?x=1", "GET, HEAD, OPTIONS"],
    ["/posts", "GET, HEAD, POST, OPTIONS"],
    ["/posts/7", "GET, HEAD, DELETE, OPTIONS"],
    [`/posts/${"7".repeat(8000)}`, "GET, HEAD, DELETE, OPTIONS"],
    ["/posts?a=;//b/", "GET, HEAD, POST, OPTIONS"],
    ["/posts/%C3%A9", "GET, HEAD, DELETE, OPTIONS"],
    ["/posts/7/restore", "POST, OPTIONS"],
    ["*", "GET, HEAD, POST, DELETE, OPTIONS"]
  ])("for %s is %s", (target, allow) => assert.strictEqual(allowOf(target), allow))

  it.each([
    "/",
    "",
    "/nothing",
    "/Health",
    "/health/",
    "//health",
    "/posts/7/restore/8",
    "health",
    "/health;x",
    "/health#x",
    "/posts/",
    "/posts/?a",
    "/posts//restore"
  ])("for %j is empty, because no route matches", (target) => assert.strictEqual(allowOf(target), ""))
})
