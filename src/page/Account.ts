import { call, minerUrl, read } from "./Api.ts"
import { announce, field, fill, h, inputOf, onAction, onSubmit, part, replace } from "./Dom.ts"
import { change, count, difficulty, hashrate, percent, shortAddress } from "./Format.ts"
import { forgetSession, isSignedIn } from "./Session.ts"
import { dialogOf, enableSignIn } from "./SignIn.ts"
import type { DashboardStats, User } from "./Wire.ts"

const refreshMs = 10_000

const nameOf = ({ addresses, display_name }: User): string => display_name ?? shortAddress(addresses[0] ?? "")

const showStats = (stats: DashboardStats): void => {
  fill("my-rate", hashrate(stats.hashrate))
  fill("my-rate-change", change(stats.hashrate_change))
  fill("my-workers", count(stats.workers_online))
  fill("my-shares", count(stats.shares_today))
  fill("my-shares-change", change(stats.shares_change))
  fill("my-best", difficulty(stats.best_diff_week))
  fill("my-best-ratio", stats.best_diff_ratio === null ? "" : `${percent(stats.best_diff_ratio)} of a block`)
}

const links = (user: User): ReadonlyArray<HTMLElement> =>
  user.addresses.map((address) => h("a", { href: minerUrl(address), class: "address" }, shortAddress(address)))

/** Sign-in, own figures, name, visibility and sign-out. `onChange` is called when the session begins or ends. */
export const enableAccount = (onChange: () => void): void => {
  const profile = dialogOf("profile")
  const form = part("profile-form")
  const name = inputOf(form, "display_name")
  const visibility = inputOf(form, "is_public")

  const show = (user: User) => {
    fill("player", nameOf(user))
    replace(field("my-addresses"), ...links(user))
    replace(field("addresses"), ...links(user).map((link) => h("li", {}, link)))
    if (name !== undefined) name.value = user.display_name ?? ""
    if (visibility instanceof HTMLInputElement) visibility.checked = user.is_public
  }

  const loadStats = async () => {
    if (!isSignedIn() || document.hidden || part("mine") === undefined) return
    const stats = await read<DashboardStats>("dashboard/stats")
    if (stats.isOk) showStats(stats.body)
    else if (stats.status === 401) end()
  }

  const begin = (user: User) => {
    show(user)
    void loadStats()
    onChange()
  }

  const end = () => {
    forgetSession()
    fill("player", "Sign in")
    profile?.close()
    onChange()
  }

  const save = async () => {
    const text = name?.value.trim() ?? ""
    const answer = await call<{ user: User }>("api/v1/users/me", {
      method: "PATCH",
      body: {
        display_name: text === "" ? null : text,
        is_public: visibility instanceof HTMLInputElement && visibility.checked
      }
    })
    fill("profile-message", answer.isOk ? "Saved." : answer.message)
    if (answer.isOk) show(answer.body.user)
  }

  const signOut = async () => {
    await call("api/v1/auth/logout", { method: "POST" })
    end()
    announce("Signed out.")
  }

  const restore = async () => {
    const answer = await read<{ user: User }>("users/me")
    if (answer.isOk) show(answer.body.user)
    else if (answer.status === 401) end()
    void loadStats()
  }

  const signIn = enableSignIn(begin)
  part("account")?.addEventListener("click", () => {
    fill("profile-message", "")
    if (isSignedIn()) profile?.showModal()
    else signIn.open()
  })
  onAction(document.body, "sign-in", signIn.open)
  onSubmit(form, () => void save())
  onAction(profile, "sign-out", () => void signOut())
  onAction(profile, "close", () => profile?.close())
  setInterval(() => void loadStats(), refreshMs)
  if (isSignedIn()) void restore()
}
