// Figures of this service alone: start, memory, and the latency of its health routes. Prints a Markdown table.
// Needs `npm run build`, and a Postgres and Redis of the run's own, which it starts.
import { default as autocannon } from "autocannon"
import { Effect } from "effect"
import { throwawayRedis } from "../test/support/ThrowawayRedis.ts"
import { durablePostgres } from "./Backends.ts"
import { median, residentMb, startService } from "./Service.ts"
import type { Service } from "./Service.ts"

const rounds = 5
const source = ["src/main.ts", "serve"]
const bundle = ["dist/main.js", "serve"]

interface Row {
  readonly what: string
  readonly measured: string
  readonly bound: string
}

const starts = async (program: ReadonlyArray<string>, variables: Record<string, string>) => {
  const startMs: Array<number> = []
  const memoryMb: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    const service = await startService(program, variables)
    startMs.push(service.startMs)
    memoryMb.push(residentMb(service.pid))
    await service.stop()
  }
  return { startMs: median(startMs), memoryMb: median(memoryMb) }
}

const latency = async ({ url }: Service, path: string) => {
  const { latency, requests } = await autocannon({ url: url + path, connections: 50, duration: 5 })
  return { p99: latency.p99, perSecond: requests.average }
}

const measure = async (external: Record<string, string>): Promise<ReadonlyArray<Row>> => {
  const fromSource = await starts(source, external)
  const fromBundle = await starts(bundle, external)
  const embedded = await starts(bundle, { TBG_ENVIRONMENT: "development" })
  const service = await startService(bundle, external)
  const health = await latency(service, "/health")
  const ready = await latency(service, "/ready")
  await service.stop()
  const ms = (value: number) => `${Math.round(value)} ms`
  const mb = (value: number) => `${Math.round(value)} MB`
  return [
    { what: "start to first 200, from source", measured: ms(fromSource.startMs), bound: "1500 ms" },
    { what: "start to first 200, bundle", measured: ms(fromBundle.startMs), bound: "400 ms" },
    { what: "start to first 200, bundle, embedded, first start", measured: ms(embedded.startMs), bound: "4000 ms" },
    { what: "resident after start, bundle", measured: mb(fromBundle.memoryMb), bound: "130 MB" },
    { what: "resident after start, bundle, embedded", measured: mb(embedded.memoryMb), bound: "300 MB" },
    { what: "/health, p99 at 50 connections", measured: `${health.p99} ms`, bound: "200 ms" },
    { what: "/health, requests a second", measured: String(Math.round(health.perSecond)), bound: "" },
    { what: "/ready, p99 at 50 connections", measured: `${ready.p99} ms`, bound: "1000 ms" }
  ]
}

const program = Effect.gen(function* () {
  const postgres = yield* durablePostgres
  const redis = yield* throwawayRedis()
  const rows = yield* Effect.promise(() =>
    measure({ TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: postgres.url, TBG_REDIS_URL: redis.url })
  )
  const lines = rows.map(({ bound, measured, what }) => `| ${what} | ${measured} | ${bound} |`)
  process.stdout.write(["| figure | median | bound |", "|---|---|---|", ...lines, ""].join("\n"))
})

await Effect.runPromise(Effect.scoped(program))
