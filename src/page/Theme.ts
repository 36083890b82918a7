import { fill, part } from "./Dom.ts"

const themes = ["system", "light", "dark"] as const
type Theme = (typeof themes)[number]

const current = (): Theme => themes.find((theme) => theme === document.documentElement.dataset["theme"]) ?? "system"

const apply = (theme: Theme): void => {
  if (theme === "system") delete document.documentElement.dataset["theme"]
  else document.documentElement.dataset["theme"] = theme
  fill("theme", theme)
  try {
    localStorage.setItem("theme", theme)
  } catch {
    // The choice lasts until the player leaves the page.
  }
}

/** Button that goes through the themes. `theme.js` applies the stored one before the first paint. */
export const enableTheme = (): void => {
  fill("theme", current())
  part("theme")?.addEventListener("click", () =>
    apply(themes[(themes.indexOf(current()) + 1) % themes.length] ?? "system")
  )
}
