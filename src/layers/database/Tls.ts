import { Redacted } from "effect"
import { readFile } from "node:fs/promises"
import { connect, isIP } from "node:net"
import type { Socket } from "node:net"
import { checkServerIdentity, connect as secure } from "node:tls"
import type { ConnectionOptions, PeerCertificate } from "node:tls"
import type { DatabaseTarget } from "../AppConfig.ts"
import { TlsFailure } from "./Fault.ts"
import { received } from "./Received.ts"

export type PostgresTarget = Extract<DatabaseTarget, { readonly _tag: "Postgres" }>

/** PostgreSQL protocol 3, "SSLRequest": its length and its code. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "unknown")

const fileOf = async (parameter: string, path: string | undefined): Promise<Buffer | undefined> => {
  if (path === undefined) return undefined
  try {
    return await readFile(path)
  } catch (error) {
    throw new TlsFailure(`${parameter}=${path} cannot be read (${codeOf(error)})`, "correct it in TBG_DATABASE_URL")
  }
}

/** Compares names as libpq does: an IP address may match the common name if there are no alternative names. */
const verifyName = (host: string, certificate: PeerCertificate): Error | undefined =>
  isIP(host) !== 0 && certificate.subjectaltname === undefined && certificate.subject.CN === host
    ? undefined
    : checkServerIdentity(host, certificate)

/** `require` and weaker modes verify only if `sslrootcert` is set, and then like `verify-ca`. */
export const tlsOptionsOf = async ({ host, tls }: PostgresTarget): Promise<ConnectionOptions> => {
  const { cert, key, keyPassword, mode, rootCert } = tls
  const [ca, ownCert, ownKey] = await Promise.all([
    fileOf("sslrootcert", rootCert),
    fileOf("sslcert", cert),
    fileOf("sslkey", key)
  ])
  return {
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(ownCert === undefined ? {} : { cert: ownCert }),
    ...(ownKey === undefined ? {} : { key: ownKey }),
    ...(keyPassword === undefined ? {} : { passphrase: Redacted.value(keyPassword) }),
    rejectUnauthorized: rootCert !== undefined || mode === "verify-ca" || mode === "verify-full",
    checkServerIdentity: mode === "verify-full" ? verifyName : () => undefined
  }
}

const failureOf = ({ host, tls: { rootCert } }: PostgresTarget, error: unknown, isUnverified: boolean): TlsFailure => {
  const code = codeOf(error)
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return new TlsFailure(
      `the server's certificate is not for ${host} (${code})`,
      "use a host name from the certificate in TBG_DATABASE_URL, or sslmode=verify-ca"
    )
  }
  if (code === "CERT_HAS_EXPIRED") {
    return new TlsFailure(`the server's certificate has expired (${code})`, "renew it on the server")
  }
  if (!isUnverified) {
    return new TlsFailure(`no TLS with ${host} (${code})`, "see the server's log; it may require sslcert and sslkey")
  }
  return new TlsFailure(
    `the server's certificate is not trusted (${code})`,
    rootCert === undefined
      ? "set sslrootcert in TBG_DATABASE_URL, or NODE_EXTRA_CA_CERTS, to the file of its authority"
      : `sslrootcert=${rootCert} must contain its authority`
  )
}

const encrypted = async (raw: Socket, target: PostgresTarget, options: ConnectionOptions): Promise<Socket> => {
  const socket = secure({ ...options, socket: raw }).on("error", ignore)
  try {
    await received(socket, "secureConnect")
    return socket
  } catch (error) {
    throw failureOf(target, error, socket.authorizationError !== null && socket.authorizationError !== undefined)
  }
}

/** Errors between reads need no handling, because the socket closes next. */
const ignore = () => {}

/** How to begin a connection: in clear text, encrypted, or encrypted if the server offers it. */
export type Beginning = "clear" | "encrypted" | "offered"

export interface Opened {
  readonly socket: Socket
  readonly isEncrypted: boolean
}

export interface Way {
  readonly target: PostgresTarget
  readonly options: ConnectionOptions
  /** Called with each socket before it connects. */
  readonly track: (socket: Socket) => void
}

export const opened = async ({ options, target, track }: Way, beginning: Beginning): Promise<Opened> => {
  const { host, port } = target
  const raw = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 })
  track(raw.on("error", ignore))
  await received(raw, "connect")
  if (beginning === "clear") return { socket: raw, isEncrypted: false }
  raw.write(sslRequest)
  const answer = String(await received(raw, "data"))
  // Bytes after the letter could have been injected before encryption, so they fail.
  if (answer === "S") return { socket: await encrypted(raw, target, options), isEncrypted: true }
  if (answer === "N" && beginning === "offered") return { socket: raw, isEncrypted: false }
  raw.destroy()
  throw new TlsFailure("the server does not offer TLS", "enable ssl there, or use sslmode=prefer in TBG_DATABASE_URL")
}
