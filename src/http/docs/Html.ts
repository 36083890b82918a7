import { hash } from "node:crypto"

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** Text as it can stand in an element or a quoted attribute. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"]/gu, (character) => entities[character] ?? "")

/** A source expression that allows exactly this inline text (CSP level 3, 2.3.1). */
export const inlineSource = (text: string): string => `'sha256-${hash("sha256", text, "base64")}'`
