import { chmodSync, chownSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { commandResult } from "./CommandResult.ts"
import type { Account } from "./CommandResult.ts"
import { guard } from "./throwaway/Guard.ts"

/** Whether openssl is missing, and the reason to skip tests that need it. */
export const openssl = {
  isMissing: (await Effect.runPromise(commandResult("openssl", ["version"]))).code !== 0,
  reason: "openssl: not on the PATH"
}

/**
 * Files of a private authority, of its certificate for `localhost` only, and of an unrelated authority. The key belongs
 * to the account of the server that reads it.
 */
export const certificates = Effect.fnUntraced(function* (account: Account) {
  const { folder } = yield* guard(account)
  const file = (name: string) => join(folder, name)
  const made = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
    // The tests are skipped; their setup only needs file names.
    if (openssl.isMissing) return
    const { code, stderr } = yield* commandResult("openssl", args, { cwd: folder })
    if (code !== 0) return yield* Effect.die(new Error(stderr))
  })
  const key = (name: string) => ["-newkey", "rsa:2048", "-nodes", "-keyout", `${name}.key`, "-subj", `/CN=${name}`]
  for (const authority of ["authority", "other"]) {
    yield* made("req", "-x509", "-days", "2", ...key(authority), "-out", `${authority}.crt`)
  }
  yield* made("req", ...key("server"), "-addext", "subjectAltName=DNS:localhost", "-out", "server.csr")
  const signing = ["-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial", "-copy_extensions", "copy"]
  yield* made("x509", "-req", "-days", "2", "-in", "server.csr", ...signing, "-out", "server.crt")
  if (!openssl.isMissing) chmodSync(file("server.key"), 0o600)
  if (account.uid !== undefined && !openssl.isMissing) chownSync(file("server.key"), account.uid, account.gid)
  chmodSync(folder, 0o755)
  return {
    authority: file("authority.crt"),
    other: file("other.crt"),
    server: { certificate: file("server.crt"), key: file("server.key") }
  }
})
