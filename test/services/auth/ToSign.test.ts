import { assert, describe, it } from "@effect/vitest"
import type { Verification } from "../../../src/services/auth/Verification.ts"
import { verifySignature } from "../../../src/services/auth/VerifySignature.ts"
import { walletOf } from "../../support/Wallet.ts"
import type { Changes, WalletKind } from "../../support/Wallet.ts"

const message = "rules"
const wallet = walletOf("rules")

const outcomeOf = (kind: WalletKind, signature: string) =>
  verifySignature({ address: wallet.address(kind), message, signature, acceptBip137: true }).outcome

type Transaction = ReturnType<typeof wallet.transaction>
type Outcome = Verification["outcome"]

describe("the rules for the transaction of a full signature", () => {
  const rows: ReadonlyArray<
    [title: string, outcome: Outcome, changes: Changes, change?: (transaction: Transaction) => Transaction]
  > = [
    ["lock times", "valid", { version: 2, sequence: 2016, lockTime: 2016 }],
    ["the largest lock times", "valid", { version: 2, sequence: 0xffffffff, lockTime: 0xffffffff }],
    ["version 1", "inconclusive", { version: 1 }],
    ["version -1", "inconclusive", { version: -1 }],
    ["version 1 and a wrong signature", "invalid", { version: 1 }, (transaction) => ({ ...transaction, lockTime: 1 })],
    ["a lock time that was not signed", "invalid", {}, (transaction) => ({ ...transaction, lockTime: 1 })],
    [
      "no input",
      "invalid",
      {},
      (transaction) => ({ ...transaction, inputs: [], witnesses: undefined, segwitFlag: false })
    ],
    [
      "a second input",
      "inconclusive",
      {},
      (transaction) => ({
        ...transaction,
        inputs: transaction.inputs.flatMap((input) => [input, input]),
        witnesses: transaction.witnesses?.flatMap((witness) => [witness, witness])
      })
    ],
    [
      "another index",
      "invalid",
      {},
      (transaction) => ({ ...transaction, inputs: transaction.inputs.map((input) => ({ ...input, index: 1 })) })
    ],
    [
      "another transaction",
      "invalid",
      {},
      (transaction) => ({
        ...transaction,
        inputs: transaction.inputs.map((input) => ({ ...input, txid: new Uint8Array(32) }))
      })
    ],
    ["no output", "invalid", {}, (transaction) => ({ ...transaction, outputs: [] })],
    [
      "a second output",
      "invalid",
      {},
      (transaction) => ({ ...transaction, outputs: transaction.outputs.flatMap((output) => [output, output]) })
    ],
    [
      "an amount",
      "invalid",
      {},
      (transaction) => ({ ...transaction, outputs: transaction.outputs.map((output) => ({ ...output, amount: 1n })) })
    ],
    [
      "data in the output",
      "invalid",
      {},
      (transaction) => ({
        ...transaction,
        outputs: transaction.outputs.map((output) => ({ ...output, script: Uint8Array.of(0x6a, 0) }))
      })
    ]
  ]

  it.each(rows)("find %s %s", (_, outcome, changes, change = (transaction: Transaction) => transaction) => {
    const found = (["p2pkh", "p2wpkh", "p2tr"] as const).map((kind) =>
      outcomeOf(kind, wallet.full(change(wallet.transaction(kind, message, changes))))
    )
    assert.deepStrictEqual(found, [outcome, outcome, outcome])
  })
})
