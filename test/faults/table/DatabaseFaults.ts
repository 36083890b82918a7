import { ofDatabase, served, unserved } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** What may become of Postgres itself. */
export const databaseFaults = {
  "Postgres is killed": {
    cause: "`kill -9` of the postmaster and every backend",
    end: "it is started again",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "Postgres is restarted": {
    cause: "a fast shutdown",
    end: "it is started again",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "Postgres is frozen": {
    cause: "SIGSTOP to every process of it",
    end: "SIGCONT",
    expected: ofDatabase(["error: timeout"], unserved("deadline"))
  },
  "every session is ended": {
    cause: "`pg_terminate_backend` of every session",
    end: null,
    expected: ofDatabase(["ok"], {
      read: { statuses: [200], within: "half" },
      write: { statuses: [201, 503], within: "half" }
    })
  },
  "the connection limit is reached": {
    cause: "the role may open no session (`CONNECTION LIMIT 0`), and those that it had end",
    end: "the limit is lifted",
    expected: ofDatabase(["error: unreachable"], unserved("half"))
  },
  "the password is changed": {
    cause: "`ALTER ROLE … PASSWORD`, sessions stay open",
    end: "the password is as it was",
    expected: ofDatabase(["ok"], served("half"))
  },
  "the password is changed, and every session is ended": {
    cause: "`ALTER ROLE … PASSWORD`, then `pg_terminate_backend`",
    end: "the password is as it was",
    expected: ofDatabase(["error: denied"], unserved("half"))
  }
} as const satisfies Record<string, Fault>
