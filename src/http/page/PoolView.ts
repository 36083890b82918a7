import { bestShares, boardCards, feed, figure, hashrateChart } from "./Parts.ts"

/** Main element of the page at `/`. */
export const poolView = `<div class="title"><h1>Bitcoin mining as a game</h1>
<p class="lead">Each share shows how close a miner came to a block. The closest of the week lead the boards.</p></div>
<section class="mine" data-part="mine" aria-labelledby="mine-title"><h2 id="mine-title">Your miners</h2>
<dl class="figures">
${figure("Hashrate, 1 hour", "my-rate", "my-rate-change")}
${figure("Workers online", "my-workers")}
${figure("Shares today", "my-shares", "my-shares-change")}
${figure("Best this week", "my-best", "my-best-ratio")}
</dl>
<p class="links" data-field="my-addresses"></p>
</section>
<section class="card overview" aria-labelledby="pool-title">
<div class="hero"><h2 id="pool-title">Pool hashrate</h2>
<p class="big" data-field="rate">–</p>
<p class="lead" data-field="interval">over the last hour</p></div>
<dl class="figures">
${figure("Active miners", "miners", "miners-total")}
${figure("Workers online", "workers", "workers-total")}
${figure("Shares, 24 hours", "shares", "shares-total")}
${figure("Blocks found", "blocks-found")}
${figure("A block is expected", "expected")}
${figure("Network difficulty", "network", "network-height")}
</dl>
${hashrateChart}
</section>
<div class="pair">
${bestShares("Best shares of the pool")}
${feed}
</div>
${boardCards("Boards of the week")}
<section class="card" aria-labelledby="blocks-title">
<h2 id="blocks-title">Blocks of the pool</h2>
<div class="blocks" data-part="blocks" role="region" aria-label="Table of blocks" tabindex="0"><p class="empty">Loading…</p></div>
</section>`
