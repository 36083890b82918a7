import { Context, Effect, Layer } from "effect"

/** Which miners are public (`TBG_PUBLIC_MINERS`). */
export class MinerVisibility extends Context.Service<
  MinerVisibility,
  {
    /** Whether the miner of an address is hidden from everybody but its owner. */
    readonly isHidden: (address: string) => Effect.Effect<boolean>
    /** Those of some addresses that are hidden. */
    readonly hiddenOf: (addresses: ReadonlyArray<string>) => Effect.Effect<ReadonlySet<string>>
    /** Whether the caller of the current request may see the miner of an address. */
    readonly canSee: (address: string) => Effect.Effect<boolean>
  }
>()("tbg-api/services/mining/MinerVisibility") {
  static readonly layer = ({ isPublic }: { readonly isPublic: boolean }) =>
    Layer.succeed(MinerVisibility, {
      isHidden: () => Effect.succeed(!isPublic),
      hiddenOf: (addresses) => Effect.succeed(new Set(isPublic ? [] : addresses)),
      canSee: () => Effect.succeed(isPublic)
    })
}
