import { pagePolicy } from "../middleware/SecurityHeaders.ts"
import { makeContent } from "./Content.ts"
import { escapeHtml, htmlDocument, inlineSource } from "./Html.ts"

const style = `:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem }
code { overflow-wrap: anywhere }
dt { font-weight: 600; margin-top: 1rem }
dd { margin: 0 }`

const headers = {
  "content-security-policy": pagePolicy({ "style-src": inlineSource(style), "img-src": "data:" })
}

/** Page of text without scripts, with its own content security policy. `content` is HTML. */
export const textPage = (title: string, content: string) => ({
  content: makeContent({
    contentType: "text/html; charset=utf-8",
    body: new TextEncoder().encode(htmlDocument({ title, style, body: `<h1>${escapeHtml(title)}</h1>\n${content}` }))
  }),
  headers
})
