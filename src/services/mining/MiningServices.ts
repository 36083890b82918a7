import { Layer } from "effect"
import type { BitcoinNetwork } from "../../domain/Bitcoin.ts"
import { Addresses } from "../bitcoin/Addresses.ts"
import { HashrateSeries } from "./HashrateSeries.ts"
import { Miners } from "./Miners.ts"
import { MinerShares } from "./MinerShares.ts"
import { MinerVisibility } from "./MinerVisibility.ts"
import { MinerWorkers } from "./MinerWorkers.ts"
import type { MiningStatus } from "./MiningStatus.ts"
import { PoolBlocks } from "./PoolBlocks.ts"
import { PoolState } from "./PoolState.ts"
import { ThirdPartyReports } from "./ThirdPartyReports.ts"

export interface MiningOptions {
  readonly network: BitcoinNetwork
  /** Whether miners are public unless their owners hide them. */
  readonly isPublic: boolean
}

/** Services that read mining data, over `SqlClient` alone. */
export const miningServices = ({ isPublic, network }: MiningOptions) =>
  ThirdPartyReports.layer.pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        Miners.layer,
        MinerWorkers.layer,
        MinerShares.layer,
        HashrateSeries.layer,
        PoolState.layer,
        PoolBlocks.layer
      )
    ),
    Layer.provideMerge(Layer.merge(Addresses.layer({ network }), MinerVisibility.layer({ isPublic })))
  )

/** What handlers of mining reads need. */
export type MiningReads = Layer.Success<ReturnType<typeof miningServices>> | MiningStatus
