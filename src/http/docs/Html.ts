import { hash } from "node:crypto"

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** Text as it can stand in an element or a quoted attribute. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"]/gu, (character) => entities[character] ?? "")

/** A source expression that allows exactly this inline text (CSP level 3, 2.3.1). */
export const inlineSource = (text: string): string => `'sha256-${hash("sha256", text, "base64")}'`

interface HtmlDocument {
  readonly title: string
  /** Inline style sheet. */
  readonly style: string
  /** HTML of further elements of the head. */
  readonly head?: string
  /** HTML of the body. */
  readonly body: string
}

/** An HTML document. */
export const htmlDocument = ({ body, head = "", style, title }: HtmlDocument): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
${head}
</head>
<body>
${body}
</body>
</html>
`
