import { BitcoinNetwork } from "../../domain/Bitcoin.ts"
import { boolean, httpUrl, integer, oneOf } from "./Codecs.ts"
import { embeddedRedis, redisUrl } from "./RedisTarget.ts"
import { derived, row } from "./Row.ts"
import * as Rules from "./Rules.ts"

export const redisTarget = row("TBG_REDIS_URL", redisUrl, embeddedRedis, {
  doc: "Redis, or a limiter in this process; required in staging and production.",
  required: true,
  rule: Rules.refuseEmbedded("redis://HOST:PORT")
})

/** Variables of the game (contract-game.md), by group. */
export const game = {
  mining: {
    network: row("TBG_BITCOIN_NETWORK", oneOf(...BitcoinNetwork.literals), "mainnet", {
      doc: "Network of the addresses and blocks."
    }),
    publicMiners: row("TBG_PUBLIC_MINERS", boolean, true, {
      doc: "off hides all miners from everyone but their owners."
    }),
    projection: derived("TBG_PROJECTION", boolean, (all) => !Rules.onDeployed(all), {
      doc: "Projects mining events in this process; on in development and test unless set."
    }),
    redis: derived("TBG_MINING_REDIS_URL", redisUrl, ({ read }) => read(redisTarget).value, {
      doc: "Redis with the mining streams; TBG_REDIS_URL unless set.",
      rule: Rules.refuseEmbeddedBeside(redisTarget, "redis://HOST:PORT")
    })
  },
  page: {
    enabled: row("TBG_PAGE_ENABLED", boolean, true, {
      doc: "Serves the page of the game at / and /miners/{address}; false leaves a page of links at /."
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
