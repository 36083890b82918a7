import { setImmediate } from "node:timers/promises"
import { closeFrame, queryFrame, readAnswer, syncFrame } from "./Frames.ts"

/** One virtual connection, as the session sees it. */
export interface Member {
  readonly receive: (bytes: Buffer) => void
  readonly destroy: () => void
}

interface Cycle {
  readonly member: Member
  readonly bytes: Buffer
  /** No ReadyForQuery is due. */
  readonly open: boolean
  readonly done: (error?: Error) => void
}

/** Runs whole cycles on the one session of Postgres and resolves with all that it answered. */
export type Execute = (bytes: Uint8Array) => Promise<Buffer>

export interface Session {
  readonly submit: (cycle: Cycle) => void
  /** From here on the member gets the notifications that others' cycles bring. */
  readonly join: (member: Member) => void
  /** Drops a member's queued cycles, and undoes what it leaves behind: a transaction, prepared statements. */
  readonly leave: (member: Member, statements: Iterable<string>) => void
  /** Writes a checkpoint once enough has been logged since the last. */
  readonly checkpoint: () => void
  /** Drops every connection; nothing runs afterwards. */
  readonly close: () => void
}

/** Nobody checkpoints in a single-user Postgres, so that its log would grow until it is closed. */
const checkpointWhenDue = `DO $$ BEGIN
  IF pg_current_wal_insert_lsn() - (SELECT redo_lsn FROM pg_control_checkpoint()) > 4194304 THEN CHECKPOINT; END IF;
END $$`

const rollbackFrame = queryFrame("ROLLBACK")

/**
 * Shares one session of Postgres between many connections, one cycle at a time. Whoever is in a transaction owns the
 * session until it ends, and the others wait; so a fiber that waits for a second connection inside a transaction never
 * gets it. `SET`, temporary tables and `LISTEN` are the session's too.
 */
export const makeSession = (execute: Execute): Session => {
  const members = new Set<Member>()
  const ignore = () => {}
  const self: Member = { receive: ignore, destroy: ignore }
  let queue: Array<Cycle> = []
  let owner: Member | undefined
  let draining = false
  let closed = false

  const next = (): Cycle | undefined => {
    const index = owner === undefined ? 0 : queue.findIndex((cycle) => cycle.member === owner)
    return index === -1 ? undefined : queue.splice(index, 1)[0]
  }

  const run = async ({ member, bytes, open }: Cycle): Promise<Error | undefined> => {
    const answer = await execute(bytes)
    const { notifications, status } = readAnswer(answer)
    owner = status === "I" ? undefined : member
    for (const notification of notifications) {
      for (const other of members) if (other !== member) other.receive(notification)
    }
    member.receive(answer)
    if (status !== undefined || open) return undefined
    owner = undefined
    return new Error("The embedded database ended the session")
  }

  const drain = async () => {
    if (draining) return
    draining = true
    for (let cycle = next(); cycle !== undefined; cycle = next()) {
      cycle.done(await run(cycle).catch((cause: unknown) => new Error("The embedded database failed", { cause })))
      // A cycle blocks the event loop; sockets and timers get a turn before the next.
      await setImmediate()
    }
    draining = false
  }

  const submit = (cycle: Cycle) => {
    if (closed) return cycle.done(new Error("The embedded database is closed"))
    queue.push(cycle)
    void drain()
  }

  const submitOwn = (member: Member, frames: ReadonlyArray<Buffer>) =>
    submit({ member, bytes: Buffer.concat(frames), open: false, done: ignore })

  return {
    submit,
    join: (member) => {
      members.add(member)
    },
    leave: (member, statements) => {
      members.delete(member)
      queue = queue.filter((cycle) => cycle.member !== member)
      // The first ROLLBACK ends what a Flush left open, as a Sync would commit it; after an error it is skipped up to
      // the Sync, and the second counts. Neither harms where no transaction is.
      const closes = Array.from(statements, closeFrame)
      submitOwn(member, [rollbackFrame, syncFrame, rollbackFrame, ...closes, syncFrame])
    },
    checkpoint: () => submitOwn(self, [queryFrame(checkpointWhenDue)]),
    close: () => {
      closed = true
      queue = []
      for (const member of members) member.destroy()
      members.clear()
    }
  }
}
