import { Redacted } from "effect"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { isIP } from "node:net"
import type { Socket } from "node:net"
import { checkServerIdentity, connect } from "node:tls"
import type { ConnectionOptions, PeerCertificate, TLSSocket } from "node:tls"
import type { DatabaseTarget } from "../AppConfig.ts"
import { TlsFailure } from "./Fault.ts"

export type PostgresTarget = Extract<DatabaseTarget, { readonly _tag: "Postgres" }>

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "unknown")

const readParameter = async (parameter: string, path: string | undefined): Promise<Buffer | undefined> => {
  try {
    return path === undefined ? undefined : await readFile(path)
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
  const [ca, cert, key] = await Promise.all([
    readParameter("sslrootcert", tls.rootCert),
    readParameter("sslcert", tls.cert),
    readParameter("sslkey", tls.key)
  ])
  return {
    host,
    servername: isIP(host) === 0 ? host : undefined,
    ca,
    cert,
    key,
    passphrase: tls.keyPassword && Redacted.value(tls.keyPassword),
    rejectUnauthorized: ca !== undefined || tls.mode === "verify-ca" || tls.mode === "verify-full",
    checkServerIdentity: tls.mode === "verify-full" ? verifyName : () => undefined
  }
}

const failureOf = ({ host, tls: { rootCert } }: PostgresTarget, error: unknown, isUntrusted: boolean): TlsFailure => {
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
  if (!isUntrusted) {
    return new TlsFailure(`no TLS with ${host} (${code})`, "see the server's log; it may require sslcert and sslkey")
  }
  return new TlsFailure(
    `the server's certificate is not trusted (${code})`,
    rootCert === undefined
      ? "set sslrootcert in TBG_DATABASE_URL, or NODE_EXTRA_CA_CERTS, to the file of its authority"
      : `sslrootcert=${rootCert} must contain its authority`
  )
}

/** Encrypts a connection; fails with `TlsFailure`. */
export const encrypt = async (raw: Socket, options: ConnectionOptions, target: PostgresTarget): Promise<TLSSocket> => {
  const socket = connect({ ...options, socket: raw })
  try {
    await once(socket, "secureConnect")
    return socket
  } catch (error) {
    throw failureOf(target, error, socket.authorizationError !== null && socket.authorizationError !== undefined)
  }
}
