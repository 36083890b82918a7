import { call } from "./Api.ts"
import { announce, field, fill, find, inputOf, onAction, onSubmit, part } from "./Dom.ts"
import { keepSession } from "./Session.ts"
import { findWallet } from "./Wallet.ts"
import type { User } from "./Wire.ts"

interface Challenge {
  readonly nonce: string
  readonly message: string
  readonly supported: ReadonlyArray<string>
}

interface Opened {
  readonly access_token: string
  readonly refresh_token: string
  readonly user: User
}

const formatNames: Readonly<Record<string, string>> = {
  "bip322-simple": "BIP-322 simple",
  "bip322-full": "BIP-322 full",
  bip137: "BIP-137"
}

export const dialogOf = (name: string): HTMLDialogElement | undefined => {
  const element = part(name)
  return element instanceof HTMLDialogElement ? element : undefined
}

/** Dialog that gets a message for an address, and exchanges its signature for a session. */
export const enableSignIn = (onSignedIn: (user: User) => void): { readonly open: () => void } => {
  const dialog = dialogOf("sign-in")
  const challengeForm = part("challenge")
  const proofForm = part("proof")
  const address = inputOf(challengeForm, "btc_address")
  const signature = inputOf(proofForm, "signature")
  const message = field("message")
  let challenge: Challenge | undefined
  let proven = ""

  const fail = (text: string) => {
    fill("sign-in-error", text)
    for (const input of [address, signature]) input?.setAttribute("aria-invalid", String(text !== ""))
  }

  const showStep = (step: "address" | "proof") => {
    challengeForm?.toggleAttribute("hidden", step === "proof")
    proofForm?.toggleAttribute("hidden", step === "address")
    fail("")
    fill("copied", "")
    if (step === "address") address?.focus()
  }

  const ask = async () => {
    proven = address?.value.trim() ?? ""
    if (proven === "") return fail("Enter the address that you mine to.")
    const answer = await call<Challenge>("api/v1/auth/challenge", { method: "POST", body: { btc_address: proven } })
    if (!answer.isOk) return fail(answer.message)
    challenge = answer.body
    const formats = challenge.supported.map((format) => formatNames[format] ?? format)
    if (formats.length === 0) return fail("Addresses of this type cannot sign in.")
    showStep("proof")
    if (message instanceof HTMLTextAreaElement) message.value = challenge.message
    if (signature !== undefined) signature.value = ""
    fill("formats", `Accepted: ${formats.join(", ")}, in base64.`)
    const wallet = findWallet()
    find('[data-action="wallet"]', proofForm)?.toggleAttribute("hidden", wallet === undefined)
    fill("wallet", wallet?.name ?? "")
    find('[data-action="copy"]', proofForm)?.focus()
  }

  const prove = async () => {
    const text = signature?.value.trim() ?? ""
    if (challenge === undefined || text === "") return fail("Paste the signature that your wallet made.")
    const answer = await call<Opened>("api/v1/auth/verify", {
      method: "POST",
      body: { btc_address: proven, signature: text, nonce: challenge.nonce }
    })
    if (!answer.isOk) {
      return fail(
        answer.status === 401
          ? "This signature does not prove the address. Sign exactly the message above, with the wallet of the address."
          : answer.message
      )
    }
    keepSession(answer.body)
    dialog?.close()
    announce("Signed in.")
    onSignedIn(answer.body.user)
  }

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(challenge?.message ?? "")
      fill("copied", "Copied")
    } catch {
      if (message instanceof HTMLTextAreaElement) message.select()
      fill("copied", "Selected; copy it with the keyboard")
    }
  }

  const signWithWallet = async () => {
    try {
      const text = await findWallet()?.sign(proven, challenge?.message ?? "")
      if (signature !== undefined && text !== undefined) signature.value = text
      await prove()
    } catch (error) {
      fail(error instanceof Error && error.message !== "" ? error.message : "The wallet did not sign the message.")
    }
  }

  onSubmit(challengeForm, () => void ask())
  onSubmit(proofForm, () => void prove())
  onAction(dialog, "copy", () => void copy())
  onAction(dialog, "wallet", () => void signWithWallet())
  onAction(dialog, "back", () => showStep("address"))
  onAction(dialog, "close", () => dialog?.close())

  return {
    open: () => {
      dialog?.showModal()
      showStep("address")
    }
  }
}
