/**
 * The session of this tab. `sessionStorage` keeps it while the player follows links and reloads, and drops it with the
 * tab. It is readable by scripts of this origin only, and the policy of the page allows no others.
 */
interface Tokens {
  readonly access: string
  readonly refresh: string
}

const key = "session"

const isTokens = (value: unknown): value is Tokens =>
  typeof value === "object" &&
  value !== null &&
  "access" in value &&
  "refresh" in value &&
  typeof value.access === "string" &&
  typeof value.refresh === "string"

const read = (): Tokens | undefined => {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null")
    return isTokens(value) ? value : undefined
  } catch {
    return undefined
  }
}

let tokens = read()

export const isSignedIn = (): boolean => tokens !== undefined
export const accessToken = (): string | undefined => tokens?.access
export const refreshToken = (): string | undefined => tokens?.refresh

export const keepSession = (pair: { readonly access_token: string; readonly refresh_token: string }): void => {
  tokens = { access: pair.access_token, refresh: pair.refresh_token }
  document.documentElement.dataset["session"] = "open"
  try {
    sessionStorage.setItem(key, JSON.stringify(tokens))
  } catch {
    // Without storage the session lasts until the player leaves the page.
  }
}

export const forgetSession = (): void => {
  tokens = undefined
  delete document.documentElement.dataset["session"]
  try {
    sessionStorage.removeItem(key)
  } catch {
    // Nothing was stored.
  }
}
