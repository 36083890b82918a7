import { Layer } from "effect"
import type { Duration } from "effect"
import type { BitcoinNetwork } from "../../domain/Bitcoin.ts"
import { Addresses } from "../bitcoin/Addresses.ts"
import { Boards } from "../weeks/Boards.ts"
import { OpenBoards } from "../weeks/OpenBoards.ts"
import { Weeks } from "../weeks/Weeks.ts"
import { DashboardFigures } from "./DashboardFigures.ts"
import { DashboardShares } from "./DashboardShares.ts"
import { DashboardWorkers } from "./DashboardWorkers.ts"
import { HashrateSeries } from "./HashrateSeries.ts"
import { Miners } from "./Miners.ts"
import { MinerShares } from "./MinerShares.ts"
import { MinerVisibility } from "./MinerVisibility.ts"
import { MinerWorkers } from "./MinerWorkers.ts"
import { MiningFeed } from "./MiningFeed.ts"
import type { MiningStatus } from "./MiningStatus.ts"
import { PoolBlocks } from "./PoolBlocks.ts"
import { PoolState } from "./PoolState.ts"
import { ThirdPartyReports } from "./ThirdPartyReports.ts"

export interface MiningOptions {
  readonly network: BitcoinNetwork
  /** Whether miners are public unless their owners hide them. */
  readonly isPublic: boolean
  /** Pause between two reads of changes of the weekly boards, which are kept in memory. */
  readonly boardsEvery: Duration.Input
}

/** Services that read mining data, over `SqlClient` alone. */
export const miningServices = ({ boardsEvery, isPublic, network }: MiningOptions) =>
  Layer.mergeAll(
    ThirdPartyReports.layer,
    DashboardFigures.layer,
    Weeks.layer.pipe(Layer.provideMerge(Boards.layer), Layer.provide(OpenBoards.layer({ every: boardsEvery })))
  ).pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        Miners.layer,
        MinerWorkers.layer,
        MinerShares.layer,
        HashrateSeries.layer,
        PoolState.layer,
        PoolBlocks.layer,
        MiningFeed.layer,
        DashboardWorkers.layer,
        DashboardShares.layer
      )
    ),
    Layer.provideMerge(Layer.merge(Addresses.layer({ network }), MinerVisibility.layer({ isPublic })))
  )

/** Services that the handlers of mining reads need. */
export type MiningReads = Layer.Success<ReturnType<typeof miningServices>> | MiningStatus
