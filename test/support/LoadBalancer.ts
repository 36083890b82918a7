import { join } from "node:path"
import { Effect } from "effect"
import { guard } from "./throwaway/Guard.ts"
import { haproxyProgram } from "./throwaway/Programs.ts"
import { freePort, startedServer } from "./throwaway/ServerProcess.ts"

const program = await Effect.runPromise(haproxyProgram)

/** Whether HAProxy can run on this machine, and why its tests are skipped if not. */
export const haproxy = {
  isMissing: program === undefined,
  reason: "HAProxy: not on the PATH (Debian's haproxy)",
  program: program ?? "haproxy"
}

const config = join(import.meta.dirname, "..", "..", "deploy", "replicas", "haproxy.cfg")

/** Default of the milliseconds between two /ready checks; a replica is removed after two failures. */
export const checkIntervalMs = 100

const answers = /^haproxy_server_http_responses_total\{proxy="api",server="([^"]+)",code="2xx"\} (\d+)/gmu

const activeServers = /^haproxy_backend_active_servers\{proxy="api"\} (\d+)/mu

/** HAProxy with the deployed configuration, in front of up to three local ports. */
export const loadBalancer = Effect.fnUntraced(function* (
  replicas: ReadonlyArray<number>,
  intervalMs: number = checkIntervalMs
) {
  const owned = yield* guard({})
  const attempt = Effect.gen(function* () {
    const [port, status] = [yield* freePort, yield* freePort]
    const settings = {
      LB_BIND: `127.0.0.1:${port}`,
      LB_STATUS_BIND: `127.0.0.1:${status}`,
      LB_CHECK_INTERVAL: `${intervalMs}ms`,
      // No name resolution, because all addresses are numeric.
      LB_DNS: "127.0.0.1:1",
      ...Object.fromEntries(replicas.map((replica, index) => [`LB_REPLICA_${index + 1}`, `127.0.0.1:${replica}`]))
    }
    const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
    yield* startedServer({
      guard: owned,
      account: {},
      command: "env",
      args: [...variables, haproxy.program, "-W", "-db", "-f", config],
      watched: (pid) => ({ _tag: "Process", pid, signal: "KILL" }),
      ready: "Loading success"
    })
    return { port, status: `http://127.0.0.1:${status}` }
  })
  const { port, status } = yield* Effect.retry(attempt, { times: 3 })
  const metrics = Effect.promise(async () => (await fetch(`${status}/metrics`)).text())
  return {
    port,
    /** Number of replicas that get requests. */
    active: Effect.map(metrics, (text) => Number(activeServers.exec(text)?.[1])),
    /** Successful responses per replica. */
    answered: Effect.map(metrics, (text) => [...text.matchAll(answers)].map(([, , count]) => Number(count)))
  }
})
