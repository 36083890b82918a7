import { Redacted } from "effect"
import { secret } from "./Kind.ts"

/** What keys the hashes and signatures where nobody relies on them. Published here: refused everywhere else. */
export const developmentSecret = Redacted.make("tbg-api-published-value-that-protects-nothing")

/** `TBG_SECRET_KEY` (contract section 6). */
export const secretKey = secret("32 characters or more, such as `openssl rand -hex 32` prints", /^.{32,}$/su)

/** `TBG_METRICS_TOKEN`, as it can be sent in a header. */
export const bearerToken = secret("visible ASCII characters without spaces", /^[!-~]+$/)

/** What examples and tutorials write where a secret belongs; no random key holds one of these, and none is only one. */
const placeholders =
  /change(me|this|it|in|before)|replace(me|this|with)|placeholder|your(own|super|strong|new|random|jwt|bit|app|api)*(secret|key|password)|supersecret|insecure|unsafe|(secret|password|example|default|development|testing?|key){3}/

/** Whether a secret is one that was published, ours or another's. */
export const isPlaceholder = (key: Redacted.Redacted): boolean => {
  const text = Redacted.value(key)
  return (
    text.includes(Redacted.value(developmentSecret)) || placeholders.test(text.toLowerCase().replaceAll(/[^a-z]/g, ""))
  )
}
