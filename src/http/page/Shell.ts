import { escapeHtml } from "../docs/Html.ts"
import { dialogs } from "./Dialogs.ts"

interface Shell {
  readonly title: string
  /** Relative URL of the service, so that the page works behind a path prefix. */
  readonly root: string
  /** Relative URL of the folder of the assets. */
  readonly assets: string
  /** HTML of the main element. */
  readonly view: string
  readonly hasDocs: boolean
}

const header = (root: string, assets: string): string => `<header class="top">
<a class="brand" href="${root || "./"}"><img src="${assets}icon.svg" alt="" width="28" height="28">The Bitcoin Game</a>
<form class="search" role="search" data-part="search" novalidate>
<label class="hidden" for="search">Bitcoin address of a miner</label>
<input id="search" name="address" placeholder="Find a miner by Bitcoin address" autocomplete="off" autocapitalize="off"
 spellcheck="false" maxlength="100" aria-describedby="search-error" enterkeyhint="search">
<button>Search</button>
<p class="search-error" id="search-error" role="alert"></p>
</form>
<div class="tools">
<button type="button" class="quiet theme" data-part="theme"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/></svg> <span class="theme-text">Theme: <span data-field="theme">system</span></span></button>
<button type="button" class="quiet" data-part="account" aria-haspopup="dialog"><span data-field="player">Sign in</span></button>
</div>
</header>`

const footer = (root: string, hasDocs: boolean): string => `<footer class="foot">
<p>Times are in your time zone. Days and weeks begin at 00:00 UTC, weeks on Monday. An interval contains the true hashrate
with a probability of 95 %.</p>
<nav aria-label="About this service">
${hasDocs ? `<a href="${root}docs">Try the API</a> <a href="${root}redoc">Reference</a> <a href="${root}openapi.json">OpenAPI document</a>` : ""}
<a href="${root}errors">Errors</a> <a href="${root}ready">Readiness</a> <a href="${root}version">Version</a>
</nav>
</footer>`

/** HTML document of a page. It reserves the space of everything that the script fills in. */
export const shell = ({ assets, hasDocs, root, title, view }: Shell): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="Bitcoin mining as a game: the pool, its miners, their best shares and the boards of the week.">
<title>${escapeHtml(title)}</title>
<link rel="icon" type="image/svg+xml" href="${assets}icon.svg">
<link rel="preload" as="font" type="font/woff2" crossorigin href="${assets}geist.woff2">
<link rel="stylesheet" href="${assets}page.css">
<script src="${assets}theme.js"></script>
<script type="module" src="${assets}page.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
${header(root, assets)}
<main id="main" tabindex="-1">
<p class="status" data-part="status" data-state="connecting"><span class="dot"></span><span data-field="status">Connecting…</span></p>
<noscript><p class="notice">This page needs JavaScript. The same data is at <a href="${root}api/v1/pool">/api/v1/pool</a>.</p></noscript>
${view}
</main>
${footer(root, hasDocs)}
<p class="hidden" role="status" data-part="announcer"></p>
${dialogs}
</body>
</html>
`
