import { Schema } from "effect"

/** Chain whose addresses the service accepts (`TBG_BITCOIN_NETWORK`). */
export const BitcoinNetwork = Schema.Literals(["mainnet", "testnet", "signet", "regtest"])
export type BitcoinNetwork = typeof BitcoinNetwork.Type

/** Text that is not an address of the configured network. `reason` completes the sentence "The address …". */
export class InvalidAddress extends Schema.TaggedError<InvalidAddress>()("InvalidAddress", { reason: Schema.String }) {}
