import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { collector } from "../support/Collector.ts"
import { valuesOf } from "../support/Exposition.ts"
import { json } from "../support/HttpStub.ts"
import type { Respond } from "../support/HttpStub.ts"
import { answerTo, request } from "../support/RawHttp.ts"
import { sourcePath, testProcess } from "../support/TestProcess.ts"
import type { TestProcess } from "../support/TestProcess.ts"

/** Short batch delay and export timeout. */
const hasty = { TBG_ENVIRONMENT: "test", OTEL_BSP_SCHEDULE_DELAY: "20", OTEL_EXPORTER_OTLP_TIMEOUT: "200" }

const version = ({ port }: TestProcess) => answerTo(port, request("/version"))
const dropped = ({ port }: TestProcess) =>
  Effect.map(answerTo(port, request("/metrics")), ({ body }) =>
    valuesOf(body, "tbg_trace_spans_dropped_total").reduce((sum, value) => sum + value, 0)
  )

const soon = <A, E>(effect: Effect.Effect<A, E>, until: (found: A) => boolean) =>
  Effect.timeout(Effect.repeat(effect, { until, schedule: Schedule.spaced("50 millis") }), "20 seconds")

const messages = (output: string): ReadonlyArray<unknown> =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => Object(JSON.parse(line)).message)

const ended = Effect.fnUntraced(function* (service: TestProcess) {
  yield* service.signal("SIGTERM")
  const exit = yield* service.exit
  return { ...exit, said: messages(yield* service.output) }
})

/** Log lines of the two changes of state. */
const losing = "trace export failing; spans are dropped"
const wellAgain = "trace export recovered"

const never: Respond = () => {}
/** A bundle hides the names of modules. */
const sources = { program: sourcePath }

/** Prints each loaded module of OpenTelemetry and of the unused Redis driver. */
const watched = `--import=data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module"
  registerHooks({ load: (url, context, next) => {
    if (/@((effect\\/)?opentelemetry|redis)\\//.test(url)) console.error("loaded " + url)
    return next(url, context)
  } })`)}`

describe("the trace exporter", () => {
  it.live("is not loaded without an endpoint, and log lines have no trace ids", () =>
    Effect.gen(function* () {
      const untraced = yield* testProcess({ ...hasty, NODE_OPTIONS: watched }, sources)
      assert.strictEqual((yield* version(untraced)).status, 200)
      assert.notInclude(yield* untraced.output, "loaded ")
      assert.match(yield* untraced.output, /"migration applied"/)
      assert.notMatch(yield* untraced.output, /"(?:trace|span)_id":"/)
      const { url } = yield* collector()
      const traced = yield* testProcess({ ...hasty, NODE_OPTIONS: watched, TBG_OTLP_ENDPOINT: url }, sources)
      assert.include(yield* traced.output, "loaded ")
    })
  )

  it.live("exports only sampled traces, with the service's identity and the operator's attributes", () =>
    Effect.gen(function* () {
      const traces = yield* collector()
      const service = yield* testProcess({
        ...hasty,
        OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
        OTEL_SERVICE_NAME: "our-api",
        OTEL_RESOURCE_ATTRIBUTES: "k8s.pod.name=pod-1,deployment.environment.name=blue%20one",
        TBG_APP_VERSION: "1.2.3",
        TBG_TRACE_SAMPLE_RATIO: "0"
      })
      yield* version(service)
      const headers = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" }
      yield* answerTo(service.port, request("/nothing", { headers }))
      yield* ended(service)
      assert.deepStrictEqual(
        traces.spans.map(({ name }) => name),
        ["GET"]
      )
      const { "service.instance.id": instance, ...resource } = traces.spans[0]?.resource ?? {}
      assert.match(String(instance), /^[\da-f-]{36}$/)
      assert.deepInclude(resource, {
        "service.name": "our-api",
        "service.version": "1.2.3",
        "deployment.environment.name": "blue one",
        "k8s.pod.name": "pod-1"
      })
    })
  )

  it.live("delays no request while the collector is unavailable, counts dropped spans, and logs it once", () =>
    Effect.gen(function* () {
      const traces = yield* collector()
      const service = yield* testProcess({ ...hasty, TBG_OTLP_ENDPOINT: traces.url })
      yield* traces.end
      for (let n = 0; n < 3; n++) {
        const before = yield* dropped(service)
        assert.strictEqual((yield* version(service)).status, 200)
        yield* soon(dropped(service), (now) => now > before)
      }
      const { code, said } = yield* ended(service)
      assert.strictEqual(code, 0)
      const changes = said.filter((line) => line === losing || line === wellAgain)
      assert.strictEqual(changes.at(-1), losing)
      // On a busy machine, a batch may have timed out before the collector was stopped.
      assert.isTrue(changes.every((line, n) => line !== changes[n - 1]))
    })
  )

  it.live("recovers by itself when the collector does, and logs it", () =>
    Effect.gen(function* () {
      const traces = yield* collector(json({}, 400))
      const service = yield* testProcess({ ...hasty, TBG_OTLP_ENDPOINT: traces.url })
      yield* version(service)
      yield* soon(dropped(service), (now) => now > 0)
      traces.responds(json({}))
      const logged = Effect.andThen(version(service), Effect.map(service.output, messages))
      yield* soon(logged, (lines) => lines.includes(wellAgain))
      assert.strictEqual((yield* ended(service)).code, 0)
    })
  )

  it.live("delays neither requests nor shutdown while the collector hangs", () =>
    Effect.gen(function* () {
      const traces = yield* collector(never)
      const service = yield* testProcess({
        TBG_ENVIRONMENT: "test",
        TBG_OTLP_ENDPOINT: traces.url,
        TBG_SHUTDOWN_TIMEOUT_MS: "6000"
      })
      for (let n = 0; n < 20; n++) assert.strictEqual((yield* version(service)).status, 200)
      const { code, said } = yield* ended(service)
      assert.strictEqual(code, 0)
      assert.include(said, "trace export incomplete at shutdown; spans are dropped")
    })
  )
})
