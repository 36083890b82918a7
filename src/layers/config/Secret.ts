import { Redacted, Result, Schema } from "effect"
import { codec } from "./Codecs.ts"

/** Key of hashes and signatures in development and test. It is published here, so it is refused everywhere else. */
export const developmentSecret = Redacted.make("tbg-api-published-value-that-protects-nothing")

/** Text that matches a pattern. It is never shown, whether accepted or refused. */
const secret = (pattern: RegExp, expected: string) =>
  codec(Schema.Redacted(Schema.String), expected, (text) =>
    pattern.test(text) ? Result.succeed(Redacted.make(text)) : Result.fail("a secret, redacted")
  )

/** `TBG_SECRET_KEY` (contract section 6). */
export const secretKey = secret(/^.{32,}$/su, "32 characters or more, such as `openssl rand -hex 32` prints")

/** `TBG_METRICS_TOKEN`, which is sent in a header. */
export const bearerToken = secret(/^[!-~]+$/, "visible ASCII characters without spaces")

/** Placeholder words for secrets in examples. Random keys contain none of them. */
const placeholders =
  /change(me|this|it|in|before)|replace(me|this|with)|placeholder|your(own|super|strong|new|random|jwt|bit|app|api)*(secret|key|password)|supersecret|insecure|unsafe|(secret|password|example|default|development|testing?|key){3}/

/** Returns whether a secret was published, by this service or another. */
export const isPlaceholder = (key: Redacted.Redacted): boolean => {
  const text = Redacted.value(key)
  return (
    text.includes(Redacted.value(developmentSecret)) || placeholders.test(text.toLowerCase().replaceAll(/[^a-z]/g, ""))
  )
}
