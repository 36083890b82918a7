import { ofDatabase, served, unserved } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** Faults of Postgres itself. */
export const databaseFaults = {
  "Postgres is killed": {
    cause: "`kill -9` of the postmaster and every backend",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "Postgres is restarted": {
    cause: "fast shutdown",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "Postgres is frozen": {
    cause: "SIGSTOP to every process",
    expected: ofDatabase(["error: timeout"], unserved("deadline"))
  },
  "every session is terminated": {
    cause: "`pg_terminate_backend`",
    expected: ofDatabase(["ok"], {
      read: { statuses: [200], within: "half" },
      write: { statuses: [201, 503], within: "half" }
    })
  },
  "the connection limit is reached": {
    cause: "`CONNECTION LIMIT 0` for the role, and its sessions are terminated",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "the password is changed": {
    cause: "`ALTER ROLE … PASSWORD`; sessions stay open",
    expected: ofDatabase(["ok"], served("half"))
  },
  "the password is changed and every session is terminated": {
    cause: "`ALTER ROLE … PASSWORD`, then `pg_terminate_backend`",
    expected: ofDatabase(["error: denied"], unserved("half"))
  }
} as const satisfies Record<string, Fault>
