import { Effect } from "effect"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { guard } from "./throwaway/Guard.ts"
import { haproxy } from "./LoadBalancer.ts"
import { nginxProgram } from "./throwaway/Programs.ts"
import { freePort, startedServer } from "./throwaway/ServerProcess.ts"

const program = await Effect.runPromise(nginxProgram)

/** Whether nginx can run on this machine, and why its tests are skipped if not. */
export const nginx = { isMissing: program === undefined, reason: "nginx: not on the PATH (Debian's nginx-light)" }

const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]

const nginxSettings = (settings: string, port: number, upstreams: ReadonlyArray<number>) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${name};`).join("\n  ")}
  ${settings}
  upstream api { ${upstreams.map((upstream) => `server 127.0.0.1:${upstream};`).join(" ")} }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://api; }
  }
}
`

/** Starts nginx in front of ports of 127.0.0.1, with these settings in `http`; returns its port. */
export const nginxBefore = (upstreams: ReadonlyArray<number>, settings: string) =>
  Effect.gen(function* () {
    const owned = yield* guard({})
    const port = yield* freePort
    yield* Effect.promise(() => writeFile(join(owned.folder, "nginx.conf"), nginxSettings(settings, port, upstreams)))
    yield* startedServer({
      guard: owned,
      account: {},
      command: program ?? "nginx",
      args: ["-p", owned.folder, "-c", "nginx.conf", "-e", "stderr"],
      watched: (pid) => ({ _tag: "Process", pid, signal: "KILL" }),
      ready: "event method"
    })
    return port
  }).pipe(Effect.retry({ times: 3 }))

const haproxySettings = (settings: string, port: number, upstream: number) => `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend public
  bind 127.0.0.1:${port}
  ${settings}
  default_backend api
backend api
  server api 127.0.0.1:${upstream}
`

/** Starts HAProxy in front of a port of 127.0.0.1, with these settings in its frontend; returns its port. */
export const haproxyBefore = (upstream: number, settings: string) =>
  Effect.gen(function* () {
    const owned = yield* guard({})
    const port = yield* freePort
    const file = join(owned.folder, "haproxy.cfg")
    yield* Effect.promise(() => writeFile(file, haproxySettings(settings, port, upstream)))
    yield* startedServer({
      guard: owned,
      account: {},
      command: haproxy.program,
      args: ["-W", "-db", "-f", file],
      watched: (pid) => ({ _tag: "Process", pid, signal: "KILL" }),
      ready: "Loading success"
    })
    return port
  }).pipe(Effect.retry({ times: 3 }))
