import { Redacted } from "effect"

/** Key of hashes and signatures in development and test. It is published here, so it is refused everywhere else. */
export const developmentSecret = Redacted.make("tbg-api-published-value-that-protects-nothing")

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
