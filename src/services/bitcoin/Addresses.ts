import { Context, Effect, Layer } from "effect"
import type { BitcoinNetwork, InvalidAddress } from "../../domain/Bitcoin.ts"
import { decodeAddress } from "./Address.ts"

/** Addresses of the configured network (`TBG_BITCOIN_NETWORK`). */
export class Addresses extends Context.Service<
  Addresses,
  {
    /** Returns the canonical text of an address: bech32 in lower case, base58 unchanged. */
    readonly canonical: (text: string) => Effect.Effect<string, InvalidAddress>
  }
>()("tbg-api/services/bitcoin/Addresses") {
  static readonly layer = ({ network }: { readonly network: BitcoinNetwork }) =>
    Layer.succeed(Addresses, {
      canonical: (text) => Effect.map(Effect.fromResult(decodeAddress(text, network)), (address) => address.text)
    })
}
