import { hash } from "node:crypto"
import { pagePolicy } from "../middleware/SecurityHeaders.ts"
import { makeContent } from "./Content.ts"

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** Escapes text for an element or a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"]/gu, (character) => entities[character] ?? "")

/** Source expression that allows exactly this inline text (CSP level 3, 2.3.1). */
export const inlineSource = (text: string): string => `'sha256-${hash("sha256", text, "base64")}'`

interface HtmlDocument {
  readonly title: string
  readonly style: string
  /** HTML of additional elements of the head. */
  readonly head?: string
  readonly body: string
}

export const htmlDocument = ({ body, head = "", style, title }: HtmlDocument): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
${head}
</head>
<body>
${body}
</body>
</html>
`

const textStyle = `:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem }
code { overflow-wrap: anywhere }
dt { font-weight: 600; margin-top: 1rem }
dd { margin: 0 }`

/** Page of text without scripts, with its own content security policy. `content` is HTML. */
export const textPage = (title: string, content: string) => ({
  content: makeContent({
    contentType: "text/html; charset=utf-8",
    body: htmlDocument({ title, style: textStyle, body: `<h1>${escapeHtml(title)}</h1>\n${content}` })
  }),
  headers: { "content-security-policy": pagePolicy({ "style-src": inlineSource(textStyle), "img-src": "data:" }) }
})
