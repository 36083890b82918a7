import { Effect } from "effect"
import { DatabaseWay, PostgresServer, role } from "./Servers.ts"
import type { Cause } from "./Servers.ts"
import type { databaseFaults } from "./table/DatabaseFaults.ts"
import type { databaseNetworkFaults } from "./table/DatabaseNetworkFaults.ts"

type Server = PostgresServer["Service"]
type Way = DatabaseWay["Service"]

const of = (begin: (server: Server) => Effect.Effect<unknown, unknown>) => Effect.flatMap(PostgresServer, begin)
const on = (begin: (way: Way) => Effect.Effect<unknown, unknown>) => Effect.flatMap(DatabaseWay, begin)

const terminated = ({ run }: Server) =>
  run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role.name}'`)
const altered = ({ run }: Server, what: string) => run(`ALTER ROLE ${role.name} ${what}`)

const password = of((server) => altered(server, `PASSWORD '${role.password}'`))
const normal = on((way) => way.normal)

export const databaseCauses: Record<keyof typeof databaseFaults, Cause<PostgresServer>> = {
  "Postgres is killed": { begin: of(({ signal }) => signal("SIGKILL")), end: of(({ startAgain }) => startAgain) },
  "Postgres is restarted": { begin: of(({ shutDown }) => shutDown), end: of(({ startAgain }) => startAgain) },
  "Postgres is frozen": { begin: of(({ signal }) => signal("SIGSTOP")), end: of(({ signal }) => signal("SIGCONT")) },
  "every session is terminated": { begin: of(terminated) },
  "the connection limit is reached": {
    begin: of((server) => Effect.andThen(altered(server, "CONNECTION LIMIT 0"), terminated(server))),
    end: of((server) => altered(server, "CONNECTION LIMIT -1"))
  },
  "the password is changed": { begin: of((server) => altered(server, "PASSWORD 'another'")), end: password },
  "the password is changed and every session is terminated": {
    begin: of((server) => Effect.andThen(altered(server, "PASSWORD 'another'"), terminated(server))),
    end: password
  }
}

export const databaseNetworkCauses: Record<keyof typeof databaseNetworkFaults, Cause<DatabaseWay>> = {
  "the network to Postgres is slow": { begin: on((way) => way.slow({ latencyMs: 20, jitterMs: 20 })), end: normal },
  "the network to Postgres has little bandwidth": {
    begin: on((way) => way.slow({ bytesPerSecond: 16 * 1024 })),
    end: normal
  },
  "the network to Postgres resets connections": { begin: on((way) => way.reset), end: normal },
  "connections to Postgres are half-open": { begin: on((way) => way.halfOpen) },
  "replies of Postgres are cut off": { begin: on((way) => way.cutReplies(7)), end: normal },
  "the network to Postgres is partitioned": { begin: on((way) => way.blackhole), end: normal }
}
