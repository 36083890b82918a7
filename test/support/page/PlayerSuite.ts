import { assert } from "@effect/vitest"
import type { Vitest } from "@effect/vitest"
import { Effect } from "effect"
import { visit } from "../Browser.ts"
import type { Browser } from "../Browser.ts"
import { DemoService, untilField, untilText } from "./DemoService.ts"
import { walletOf } from "../Wallet.ts"

const focused = "document.activeElement?.id || document.activeElement?.textContent"

/** Tests of a player who uses the keyboard, and signs in. */
export const playerSuite = (it: Vitest.MethodsNonLive<DemoService | Browser>) => {
  it.effect(
    "lets a player use only the keyboard to skip the header, find a miner, change the range and close a dialog",
    () =>
      Effect.gen(function* () {
        const { miner, url } = yield* DemoService
        const { page } = yield* visit(`${url}/`)
        const press = (key: string) => Effect.promise(() => page.keyboard.press(key))
        yield* untilText(page, "Live")
        yield* press("Tab")
        yield* press("Enter")
        assert.strictEqual(yield* Effect.promise(() => page.evaluate(focused)), "main")
        yield* Effect.promise(() => page.getByLabel("Bitcoin address of a miner").focus())
        yield* Effect.promise(() => page.keyboard.type("nonsense"))
        yield* press("Enter")
        yield* Effect.promise(() => page.locator("#search-error:not(:empty)").waitFor())
        yield* press("Control+A")
        yield* Effect.promise(() => page.keyboard.type(miner))
        yield* press("Enter")
        yield* Effect.promise(() => page.waitForURL(`${url}/miners/${miner}`))
        yield* untilField(page, "expected", (text) => text.includes("a block is expected once in"))
        yield* untilText(page, /^Rank \d+ of 20, better than \d/u)
        yield* Effect.promise(() => page.getByRole("radio", { name: "24 hours" }).focus())
        const before = yield* untilField(page, "summary", (text) => text.startsWith("average"))
        yield* press("ArrowRight")
        yield* untilField(page, "summary", (text) => text !== before)
        yield* Effect.promise(() => page.getByRole("button", { name: "Sign in" }).focus())
        yield* press("Enter")
        assert.strictEqual(yield* Effect.promise(() => page.evaluate(focused)), "btc-address")
        yield* press("Escape")
        assert.strictEqual(yield* Effect.promise(() => page.evaluate(focused)), "Sign in")
      })
  )

  it.effect("explains why an address has no page", () =>
    Effect.gen(function* () {
      const { url } = yield* DemoService
      const { page } = yield* visit(`${url}/miners/${walletOf("nobody", "signet").address("p2wpkh").text}`)
      yield* untilText(page, "No miner with this address")
      yield* untilText(page, "Connected. No data to show.")
      yield* Effect.promise(() => page.goto(`${url}/miners/nonsense`))
      yield* untilText(page, "This is not an address of the network")
      yield* untilText(page, "The address is not bech32 or base58 with a correct checksum.")
    })
  )

  it.effect("signs a player in with a pasted signature, changes name and visibility, and signs out", () =>
    Effect.gen(function* () {
      const { url } = yield* DemoService
      const wallet = walletOf("page", "signet")
      const { complaints, keep, page } = yield* visit(`${url}/`)
      const click = (name: string) => Effect.promise(() => page.getByRole("button", { name, exact: true }).click())
      yield* untilText(page, "Live")
      yield* click("Sign in")
      yield* Effect.promise(() =>
        page.getByLabel("Bitcoin address", { exact: true }).fill(wallet.address("p2wpkh").text)
      )
      yield* click("Get the message")
      const message = page.getByLabel("1. Sign exactly this message")
      yield* Effect.promise(() => message.waitFor())
      yield* keep("page-sign-in")
      const text = yield* Effect.promise(() => message.inputValue())
      yield* Effect.promise(() => page.getByLabel("2. Paste the signature").fill(wallet.simple("p2wpkh", text)))
      yield* Effect.promise(() => page.locator('[data-part="proof"] button.primary').click())
      yield* untilField(page, "my-workers", (workers) => workers === "0")
      // The page closes the stream without the session.
      assert.deepStrictEqual(
        complaints.filter((text) => !/^failed: \S+\/live\?/u.test(text)),
        []
      )

      yield* Effect.promise(() => page.reload())
      yield* Effect.promise(() => page.getByRole("button", { name: /^tb1/u }).click())
      yield* Effect.promise(() => page.getByLabel("Name on boards").fill("Hal"))
      yield* Effect.promise(() => page.getByRole("switch", { name: "Others may see my miners" }).uncheck())
      yield* click("Save")
      yield* untilText(page, "Saved.")
      yield* keep("page-profile")
      yield* untilField(page, "player", (name) => name === "Hal")
      yield* click("Sign out")
      yield* untilField(page, "player", (name) => name === "Sign in")
      assert.isNull(yield* Effect.promise(() => page.evaluate("sessionStorage.getItem('session')")))
    })
  )

  it.effect("signs a player in with a wallet extension", () =>
    Effect.gen(function* () {
      const { url } = yield* DemoService
      const wallet = walletOf("extension", "signet")
      const { page } = yield* visit("about:blank")
      yield* Effect.promise(() =>
        page.exposeFunction("signInWallet", (message: string) => wallet.simple("p2tr", message))
      )
      yield* Effect.promise(() =>
        page.addInitScript(
          "window.unisat = { requestAccounts: async () => [], signMessage: (text) => signInWallet(text) }"
        )
      )
      yield* Effect.promise(() => page.goto(`${url}/`))
      yield* Effect.promise(() => page.getByRole("button", { name: "Sign in", exact: true }).click())
      yield* Effect.promise(() => page.getByLabel("Bitcoin address", { exact: true }).fill(wallet.address("p2tr").text))
      yield* Effect.promise(() => page.getByRole("button", { name: "Get the message" }).click())
      yield* Effect.promise(() => page.getByRole("button", { name: "Sign with UniSat" }).click())
      yield* untilField(page, "player", (name) => name.startsWith("tb1p"))
    })
  )
}
