import { assert, describe, it } from "@effect/vitest"
import { nothingToRun, postgres, redis } from "./throwaway/Programs.ts"

describe("the message about missing test servers", () => {
  it("names all of them at once, with the command for each system", () => {
    assert.strictEqual(
      nothingToRun([postgres, redis]).message,
      `The tests need PostgreSQL and Redis. Install with one of these commands:
  Debian, Ubuntu: sudo apt-get install postgresql redis-server
  Fedora:         sudo dnf install postgresql-server valkey
  macOS:          brew install postgresql@16 redis
Or start Docker, or set TBG_TEST_DATABASE_URL and TBG_TEST_REDIS_URL.`
    )
  })

  it("does not name a server that is there", () => {
    assert.notInclude(nothingToRun([redis]).message, "PostgreSQL")
  })
})
