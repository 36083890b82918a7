// Startup time, memory and latency of the health routes. Prints a Markdown table. Starts its own Postgres and Redis.
// Needs `npm run build`.
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
  readonly figure: string
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
    { figure: "start to first 200, from source", measured: ms(fromSource.startMs), bound: "1500 ms" },
    { figure: "start to first 200, bundle", measured: ms(fromBundle.startMs), bound: "400 ms" },
    { figure: "start to first 200, bundle, embedded, first start", measured: ms(embedded.startMs), bound: "4000 ms" },
    { figure: "resident after start, bundle", measured: mb(fromBundle.memoryMb), bound: "130 MB" },
    { figure: "resident after start, bundle, embedded", measured: mb(embedded.memoryMb), bound: "300 MB" },
    { figure: "/health, p99 at 50 connections", measured: `${health.p99} ms`, bound: "200 ms" },
    { figure: "/health, requests per second", measured: String(Math.round(health.perSecond)), bound: "" },
    { figure: "/ready, p99 at 50 connections", measured: `${ready.p99} ms`, bound: "1000 ms" }
  ]
}

const program = Effect.gen(function* () {
  const postgres = yield* durablePostgres
  const redis = yield* throwawayRedis()
  const rows = yield* Effect.promise(() =>
    measure({ TBG_ENVIRONMENT: "test", TBG_DATABASE_URL: postgres.url, TBG_REDIS_URL: redis.url })
  )
  const lines = rows.map(({ bound, figure, measured }) => `| ${figure} | ${measured} | ${bound} |`)
  process.stdout.write(["| figure | median | bound |", "|---|---|---|", ...lines, ""].join("\n"))
})

await Effect.runPromise(Effect.scoped(program))
