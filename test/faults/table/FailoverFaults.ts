import { ofDatabase } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** Reads continue, writes do not. */
const unwritable = {
  read: { statuses: [200], within: "half" },
  write: { statuses: [503], within: "half" }
} as const

/** Until a write has failed, /ready cannot know; while sessions are replaced, it may say that there is no connection. */
const readOnly = ofDatabase(["ok", "error: unreachable", "error: read_only"], unwritable)

/** What may become of the rights and the room to write. */
export const failoverFaults = {
  "Postgres is made read-only": {
    cause: "`ALTER DATABASE … SET default_transaction_read_only = on`, and sessions are ended",
    end: "it is off; sessions stay open",
    expected: readOnly
  },
  "Postgres is demoted behind its name": {
    cause: "its name leads to a standby, and sessions are ended",
    end: "its name leads to the primary, sessions with the standby stay open",
    expected: readOnly
  },
  "the disk of Postgres is full": {
    cause: "the file system of its tables has no room",
    end: "there is room again",
    expected: ofDatabase(["ok", "error: full"], {
      read: { statuses: [200], within: "half" },
      write: { statuses: [201, 503], within: "half" }
    })
  }
} as const satisfies Record<string, Fault>
