import { Redacted } from "effect"

/** Secret in development and test; it is published here, so it is rejected elsewhere. */
export const developmentSecret = Redacted.make("tbg-api-published-value-that-protects-nothing")

/** Words in example secrets. Random secrets contain none of them. */
const placeholders =
  /change(me|this|it|in|before)|replace(me|this|with)|placeholder|your(own|super|strong|new|random|jwt|bit|app|api)*(secret|key|password)|supersecret|insecure|unsafe|(secret|password|example|default|development|testing?|key){3}/

/** Whether a secret was published, by this service or another. */
export const isPlaceholder = (key: Redacted.Redacted): boolean => {
  const text = Redacted.value(key)
  return (
    text.includes(Redacted.value(developmentSecret)) || placeholders.test(text.toLowerCase().replaceAll(/[^a-z]/g, ""))
  )
}
