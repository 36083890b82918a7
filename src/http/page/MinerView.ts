import { bestShares, boardCards, feed, figure, hashrateChart } from "./Parts.ts"

/** Main element of the page of a miner. */
export const minerView = `<div class="title"><h1><span class="kind">Miner</span> <span class="address" data-field="address"></span></h1>
<button type="button" class="quiet" data-part="copy-address">Copy address</button></div>
<div class="missing" data-part="missing" hidden><h2 data-field="missing-title"></h2><p data-field="missing-text"></p></div>
<div class="content" data-part="content">
<section class="card overview" aria-labelledby="miner-title">
<div class="hero"><h2 id="miner-title">Hashrate</h2>
<p class="big" data-field="rate">–</p>
<p class="lead" data-field="interval">over the last hour</p></div>
<dl class="figures">
${figure("Workers online", "workers", "workers-total")}
${figure("Shares, 24 hours", "shares", "shares-total")}
${figure("Last share", "last-share")}
${figure("First share", "first-share")}
${figure("Hashrate, 24 hours", "rate-day")}
${figure("Hashrate, 7 days", "rate-week")}
</dl>
${hashrateChart}
</section>
<div class="standings">${boardCards("Places this week")}</div>
<div class="pair">
${bestShares("Best shares")}
<section class="card" aria-labelledby="odds-title">
<h2 id="odds-title">Odds of a block</h2>
<p class="statement" data-field="expected">–</p>
<dl class="figures narrow">
${figure("Within an hour", "odds-hour")}
${figure("Within a day", "odds-day")}
${figure("Within a year", "odds-year")}
</dl>
<h3>Integrity</h3>
<p class="integrity" data-field="integrity" data-state="unknown">–</p>
</section>
</div>
<section class="card" aria-labelledby="workers-title">
<h2 id="workers-title">Workers</h2>
<div class="workers" data-part="workers" role="region" aria-label="Table of workers" tabindex="0"><p class="empty">Loading…</p></div>
</section>
<div class="pair">
<section class="card" aria-labelledby="weeks-title">
<h2 id="weeks-title">Weeks</h2>
<div class="weeks" data-part="weeks" role="region" aria-label="Table of weeks" tabindex="0"><p class="empty">Loading…</p></div>
</section>
${feed}
</div>
</div>`
