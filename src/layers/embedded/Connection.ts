import { Duplex } from "node:stream"
import { takeCycles } from "./Frames.ts"
import type { Member, Session } from "./Session.ts"

const codes = { cancel: 80877102, ssl: 80877103, gss: 80877104 } as const

/**
 * One virtual connection to the session, speaking the Postgres protocol 3. Only whole cycles are passed on, so that
 * unnamed statements and portals of different connections never mix; named ones need names of their own, which
 * `@effect/sql-pg` makes at random for each connection.
 *
 * A CancelRequest ends the connection that brings it and cancels nothing: a running statement holds the event loop.
 */
export const makeConnection = (session: Session): Duplex => {
  const statements = new Set<string>()
  let sent: Buffer = Buffer.alloc(0)
  let started = false

  const connection = new Duplex({
    allowHalfOpen: false,
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      sent = sent.length === 0 ? chunk : Buffer.concat([sent, chunk])
      if (started) return converse(done)
      start(done)
    },
    destroy: (error, done) => {
      if (started) session.leave(member, statements)
      done(error)
    }
  })

  const member: Member = {
    receive: (bytes) => {
      if (!connection.destroyed) connection.push(bytes)
    },
    destroy: () => connection.destroy()
  }

  type Done = (error?: Error) => void

  const start = (done: Done): void => {
    const length = sent.length < 8 ? Infinity : sent.readInt32BE(0)
    if (sent.length < length) return done()
    const code = sent.readInt32BE(4)
    const packet = sent.subarray(0, length)
    sent = sent.subarray(length)
    if (code === codes.ssl || code === codes.gss) {
      connection.push("N")
      return start(done)
    }
    if (code === codes.cancel) {
      connection.destroy()
      return done()
    }
    if (code >>> 16 !== 3) return done(new Error(`The embedded database does not speak protocol ${code}`))
    started = true
    session.submit({
      member,
      bytes: packet,
      open: false,
      done: (error) => {
        if (error === undefined && !connection.destroyed) session.join(member)
        done(error)
      }
    })
  }

  const converse = (done: Done): void => {
    const cycles = takeCycles(sent)
    sent = cycles.rest
    for (const [name, prepared] of cycles.statements) {
      if (!prepared) statements.delete(name)
      else if (name !== "") statements.add(name)
    }
    const finish: Done = (error) => {
      if (cycles.terminated) connection.destroy()
      done(error)
    }
    if (cycles.bytes.length === 0) return finish()
    session.submit({ member, bytes: cycles.bytes, open: cycles.open, done: finish })
  }

  return connection
}
