import { minerUrl, read } from "./Api.ts"
import { inputOf, onSubmit, part, setText } from "./Dom.ts"

/** Opens the page of a miner if the service knows the address, and otherwise says why not. */
export const enableSearch = (): void => {
  const form = part("search")
  const input = inputOf(form, "address")
  const error = document.getElementById("search-error") ?? undefined

  const fail = (message: string) => {
    setText(error, message)
    input?.setAttribute("aria-invalid", String(message !== ""))
    if (message !== "") input?.focus()
  }

  input?.addEventListener("input", () => fail(""))
  const open = async () => {
    const address = input?.value.trim() ?? ""
    if (address === "") return fail("Enter a Bitcoin address.")
    const answer = await read<unknown>(`miners/${encodeURIComponent(address)}`)
    if (answer.isOk) location.assign(minerUrl(address))
    else fail(answer.status === 404 ? "No miner with this address, or its owner hides it." : answer.message)
  }

  onSubmit(form, () => void open())
}
