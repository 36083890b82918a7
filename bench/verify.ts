// Time to verify a signature, by kind of address and format, on one core. Prints p50 and p99 in milliseconds, of valid
// signatures and of the most expensive invalid ones. Exits with 1 if a p99 reaches 5 ms.
// Arguments: signatures of each kind (2000).
import { verifySignature } from "../src/services/auth/VerifySignature.ts"
import { walletKinds, walletOf } from "../test/support/Wallet.ts"
import type { WalletKind } from "../test/support/Wallet.ts"

const [count = 2000] = process.argv.slice(2).map(Number)
const limit = 5

const messages = Array.from({ length: 64 }, (_, index) => `localhost wants you to sign in\nNonce: ${index}`)

/** Percentiles in milliseconds, after a warm-up of a tenth. */
const timesOf = (run: (index: number) => void) => {
  for (let index = 0; index < count / 10; index++) run(index)
  const times = Array.from({ length: count }, (_, index) => {
    const start = performance.now()
    run(index)
    return performance.now() - start
  }).toSorted((a, b) => a - b)
  const at = (part: number) => times[Math.floor(times.length * part)] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}

const measured = (kind: WalletKind, format: "simple" | "full" | "bip137", isWrong: boolean) => {
  const wallet = walletOf("bench")
  const address = wallet.address(kind)
  const signatures = messages.map((message) => {
    if (format === "simple") return wallet.simple(kind, message)
    return format === "full" ? wallet.full(wallet.transaction(kind, message)) : wallet.bip137(message)
  })
  const { p50, p99 } = timesOf((index) => {
    const at = index % messages.length
    // A simple signature of another message costs the same curve arithmetic as a valid one.
    const message = messages[isWrong ? (at + 1) % messages.length : at] ?? ""
    verifySignature({ address, message, signature: signatures[at] ?? "", acceptBip137: true })
  })
  const outcome = isWrong ? "invalid" : "valid"
  process.stdout.write(`| ${kind} | ${format} | ${outcome} | ${p50.toFixed(2)} | ${p99.toFixed(2)} |\n`)
  return p99
}

process.stdout.write("| address | format | signature | p50, ms | p99, ms |\n|---|---|---|---|---|\n")
const formatsOf = (kind: WalletKind) => {
  if (kind === "p2tr") return ["simple", "full"] as const
  return kind === "p2sh" || kind === "p2wpkh" ? (["simple", "full", "bip137"] as const) : (["full", "bip137"] as const)
}
const worst = walletKinds.flatMap((kind) =>
  formatsOf(kind).flatMap((format) => [false, true].map((isWrong) => measured(kind, format, isWrong)))
)
process.exitCode = Math.max(...worst) < limit ? 0 : 1
