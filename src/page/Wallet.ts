/** A wallet extension of this browser that signs messages. */
export interface Wallet {
  readonly name: string
  readonly sign: (address: string, message: string) => Promise<string>
}

type Method = (...input: ReadonlyArray<unknown>) => unknown

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null
const isMethod = (value: unknown): value is Method => typeof value === "function"

const textIn = (value: unknown): string => {
  if (typeof value === "string") return value
  if (isObject(value)) return textIn(value["signature"] ?? value["result"])
  throw new Error("The wallet returned no signature.")
}

/** Provider with `signMessage(message, type)`, as UniSat and OKX have it. */
const withSignMessage = (name: string, provider: unknown): Wallet | undefined => {
  if (!isObject(provider)) return undefined
  const { requestAccounts, signMessage } = provider
  if (!isMethod(signMessage)) return undefined
  return {
    name,
    sign: async (_address, message) => {
      if (isMethod(requestAccounts)) await requestAccounts.call(provider)
      return textIn(await signMessage.call(provider, message, "bip322-simple"))
    }
  }
}

/** Provider with `request(method, params)`, as Xverse and Leather have it. */
const withRequest = (name: string, provider: unknown): Wallet | undefined => {
  if (!isObject(provider)) return undefined
  const { request } = provider
  if (!isMethod(request)) return undefined
  return {
    name,
    sign: async (address, message) =>
      textIn(await request.call(provider, "signMessage", { address, message, protocol: "BIP322" }))
  }
}

const property = (name: string): unknown => Reflect.get(window, name)

const nested = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined)

/** First wallet found. Extensions add their objects to the window before the page is used. */
export const findWallet = (): Wallet | undefined =>
  withSignMessage("UniSat", property("unisat")) ??
  withSignMessage("OKX Wallet", nested(property("okxwallet"), "bitcoin")) ??
  withRequest("Xverse", nested(property("XverseProviders"), "BitcoinProvider")) ??
  withRequest("Leather", property("LeatherProvider")) ??
  withRequest("your wallet", property("BitcoinProvider"))
