/** A value of a list of figures. The script fills it in. */
export const figure = (label: string, field: string, note = ""): string =>
  `<div><dt>${label}</dt><dd><span data-field="${field}">–</span>${note === "" ? "" : ` <small data-field="${note}"></small>`}</dd></div>`

const windows = [
  ["1h", "1 hour"],
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"]
] as const

const range = ([value, name]: (typeof windows)[number]): string =>
  `<label><input type="radio" name="window" value="${value}"${value === "24h" ? " checked" : ""}><span aria-hidden="true">${value}</span><span class="hidden">${name}</span></label>`

/** Chart of the hashrate with its interval, the switch of its range, and its data as a table. */
export const hashrateChart = `<figure class="chart" data-part="chart">
<div class="chart-head">
<p class="readout"><span data-field="readout" aria-hidden="true"></span><span data-field="summary"></span></p>
<fieldset class="ranges"><legend class="hidden">Range of the chart</legend>${windows.map(range).join("")}</fieldset>
</div>
<div class="plot" data-field="plot" role="img" aria-label="Hashrate chart, loading"></div>
<figcaption><span class="key"><i class="key-line"></i>hashrate</span> <span class="key"><i class="key-band"></i>95 % interval</span></figcaption>
<details><summary>Show as a table</summary><div class="scroll" role="region" aria-label="Hashrate over time" tabindex="0"><table>
<thead><tr><th scope="col">Start</th><th scope="col" class="number">Hashrate</th><th scope="col" class="number">95 % interval</th><th scope="col" class="number">Shares</th></tr></thead>
<tbody data-field="points"></tbody></table></div></details>
</figure>`

/** Best shares on a logarithmic scale that ends at the network difficulty. */
export const bestShares = (title: string): string => `<section class="card" aria-labelledby="bests-title">
<h2 id="bests-title">${title}</h2>
<p class="lead">A share that reaches the network difficulty is a block.</p>
<ul class="bests" data-part="bests"></ul>
<p class="scale" data-field="scale"></p>
</section>`

const boards = [
  ["difficulty", "Difficulty", "Highest share of the week"],
  ["work", "Work", "Sum of the assigned difficulties"],
  ["luck", "Luck", "Chance that honest work of this size finds less"]
] as const

const board = ([
  id,
  name,
  lead
]: (typeof boards)[number]): string => `<section class="card board" aria-labelledby="board-${id}">
<h3 id="board-${id}">${name}</h3>
<p class="lead">${lead}</p>
<div class="board-body" data-board="${id}"><p class="empty">Loading…</p></div>
</section>`

/** Boards of the week, or the places of a miner on them. */
export const boardCards = (title: string): string => `<section class="boards" aria-labelledby="boards-title">
<div class="section-head"><h2 id="boards-title">${title}</h2><p class="lead" data-field="week"></p></div>
<div class="three">
${boards.map(board).join("\n")}
</div>
</section>`

export const feed = `<section class="card" aria-labelledby="feed-title">
<h2 id="feed-title">Latest events</h2>
<ol class="feed" data-part="feed"><li class="empty">Events appear here as they happen.</li></ol>
</section>`
