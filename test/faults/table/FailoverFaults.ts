import { ofDatabase } from "../Fault.ts"
import type { Fault } from "../Fault.ts"

/** Reads continue, writes do not. */
const unwritable = {
  read: { statuses: [200], within: "half" },
  write: { statuses: [503], within: "half" }
} as const

/** /ready reports `ok` until a write fails, and may report `unreachable` while sessions are replaced. */
const readOnly = ofDatabase(["ok", "error: unreachable", "error: read_only"], unwritable)

/** Faults in which Postgres accepts no writes. */
export const failoverFaults = {
  "Postgres is made read-only": {
    cause: "`default_transaction_read_only = on`, and sessions are terminated",
    expected: readOnly
  },
  "Postgres is demoted behind its name": {
    cause: "its name points to a standby, and sessions are terminated",
    expected: readOnly
  },
  "the disk of Postgres is full": {
    cause: "the file system of its tables is full",
    expected: ofDatabase(["ok", "error: full"], {
      read: { statuses: [200], within: "half" },
      write: { statuses: [201, 503], within: "half" }
    })
  }
} as const satisfies Record<string, Fault>
