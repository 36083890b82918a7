import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { accessConsoleLine, accessLine, makeAccessLog } from "../../../src/http/middleware/AccessLog.ts"
import type { AccessEntry } from "../../../src/http/middleware/AccessLog.ts"
import { unmatched } from "../../../src/http/api/RequestContext.ts"
import { AppConfig } from "../../../src/layers/AppConfig.ts"
import { capturedLines } from "../../support/MockLayers.ts"

const report = { route: "/a/:b", isProbe: false }

const entry: AccessEntry = {
  request: { method: "GET", path: "/a/b", clientAddress: "203.0.113.7" },
  id: "test-123",
  report,
  status: 200,
  durationMs: 1.23456,
  bytes: 12,
  userAgent: "curl/8",
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736"
}

describe("a line of the access log", () => {
  it("is JSON with every field in order", () => {
    assert.strictEqual(
      accessLine(entry, 1000),
      '{"time":"1970-01-01T00:00:01.000Z","level":"INFO","message":"request","method":"GET","route":"/a/:b","path":"/a/b",' +
        '"status":200,"duration_ms":1.235,"bytes":12,"request_id":"test-123","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",' +
        '"client_address":"203.0.113.7","team":null,"api_key_id":null,"api_key_fault":null,"limited_by":null,"user_agent":"curl/8"}\n'
    )
  })

  it("has null for unknown values", () => {
    const line: unknown = JSON.parse(
      accessLine({ ...entry, bytes: undefined, userAgent: undefined, traceId: undefined }, 0)
    )
    assert.propertyVal(line, "bytes", null)
    assert.propertyVal(line, "user_agent", null)
    assert.propertyVal(line, "trace_id", null)
  })

  it.each([
    'a"b',
    "a\\",
    '","level":"ERROR","x":"',
    "a\r\n{}",
    "\u0000\u0001\u001B[31m\u007F",
    "\u2028\u2029",
    "é\u00FF\u0080",
    "\uD800",
    "{{}}",
    "a".repeat(16_000)
  ])("stays one line of valid JSON for the user agent %j", (hostile) => {
    const text = accessLine(
      {
        ...entry,
        userAgent: hostile,
        request: { ...entry.request, method: hostile },
        report: { ...report, route: hostile }
      },
      0
    )
    assert.strictEqual(text.indexOf("\n"), text.length - 1)
    const line: unknown = JSON.parse(text)
    assert.propertyVal(line, "user_agent", hostile)
    assert.propertyVal(line, "method", hostile)
    assert.propertyVal(line, "level", "INFO")
  })

  it("is short in console format", () => {
    assert.strictEqual(
      accessConsoleLine(false)({ ...entry, traceId: undefined }, 1000),
      "00:00:01.000 INFO     GET /a/:b 200 1.2 ms request_id=test-123\n"
    )
    assert.match(accessConsoleLine(false)(entry, 0), / trace_id=4bf92f3577b34da6a3ce929d0e0e4736\n$/)
  })

  it("has the level of probes in console format", () => {
    const probe = { ...entry, report: { ...report, isProbe: true } }
    assert.include(accessConsoleLine(false)(probe, 0), " DEBUG    GET /a/:b 200 ")
  })

  it("redacts API keys in a path, and shows the path in console format if no route matched", () => {
    const key = "tbg_0198_secret"
    const at = (path: string) => ({ ...entry, request: { ...entry.request, path }, report: unmatched })
    for (const path of [`/v1/${key}/x`, `/${key.replace("_", "%5F")}`, `/${key.toUpperCase()}`]) {
      assert.notMatch(accessLine(at(path), 0), /secret/i)
      assert.notMatch(accessConsoleLine(false)(at(path), 0), /secret/i)
    }
    assert.propertyVal(JSON.parse(accessLine(at(`/v1/${key}/x`), 0)), "path", "/v1/tbg_[redacted]/x")
    assert.include(accessConsoleLine(false)(at("/nothing"), 0), "GET /nothing 200")
  })

  it.each([
    [200, "[32m"],
    [404, "[33m"],
    [503, "[31m"]
  ])("has the color of its status on a terminal: %i", (status, colour) => {
    assert.include(accessConsoleLine(true)({ ...entry, status }, 0), `\u001B${colour}${status}\u001B[0m`)
  })
})

const logAt = (variables: Record<string, string>, lines: Array<string>) =>
  makeAccessLog.pipe(
    Effect.provide(
      Layer.merge(
        AppConfig.layerFrom({ TBG_ENVIRONMENT: "test", ...variables }),
        capturedLines((line) => void lines.push(line))
      )
    )
  )

describe("the access log", () => {
  it.effect.each([
    ["DEBUG", true, true, true],
    ["INFO", true, false, true],
    ["WARNING", false, false, false]
  ] as const)("has levels at %s", ([level, requests, probes, failedProbes]) =>
    Effect.gen(function* () {
      const log = yield* logAt({ TBG_LOG_LEVEL: level }, [])
      const probe = { ...report, isProbe: true }
      assert.strictEqual(log.isOn(report, 200), requests)
      assert.strictEqual(log.isOn(probe, 200), probes)
      assert.strictEqual(log.isOn(probe, 503), failedProbes)
    })
  )

  it.effect("uses Clock for its time, and DEBUG for probes", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const log = yield* logAt({ TBG_LOG_FORMAT: "json" }, lines)
      yield* TestClock.adjust("2 seconds")
      log.write({ ...entry, report: { ...report, isProbe: true } })
      assert.include(lines[0], '{"time":"1970-01-01T00:00:02.000Z","level":"DEBUG","message":"request"')
    })
  )

  it.effect("uses the console format if configured", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const log = yield* logAt({ TBG_LOG_FORMAT: "console" }, lines)
      log.write(entry)
      assert.deepStrictEqual(lines, [accessConsoleLine(false)(entry, 0)])
    })
  )
})
