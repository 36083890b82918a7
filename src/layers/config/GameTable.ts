import { boolean, httpUrl, integer, oneOf } from "./Codecs.ts"
import { row } from "./Row.ts"

/** Variables of the game (contract-game.md), by group. */
export const game = {
  mining: {
    network: row("TBG_BITCOIN_NETWORK", oneOf("mainnet", "testnet", "signet", "regtest"), "mainnet", {
      doc: "Network of the addresses and blocks."
    }),
    publicMiners: row("TBG_PUBLIC_MINERS", boolean, true, {
      doc: "off hides all miners from everyone but their owners."
    })
  },
  signIn: {
    publicUrl: row("TBG_PUBLIC_URL", httpUrl, "http://localhost:8000", {
      doc: "URL of the game in messages that players sign; required in staging and production.",
      required: true
    }),
    acceptBip137: row("TBG_ACCEPT_BIP137", boolean, true, {
      doc: "Accepts signatures of BIP-137 for segwit addresses, because some hardware wallets make no others."
    }),
    limit: row("TBG_SIGNIN_LIMIT", integer(1, 300_000), 10, {
      doc: "Challenges, and proofs, per Bitcoin address and minute; three times as many per client address."
    })
  }
}
