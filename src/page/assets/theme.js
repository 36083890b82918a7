// Runs before the first paint, so that it blocks: the chosen theme, and whether a session reserves space.
const root = document.documentElement
try {
  const theme = localStorage.getItem("theme")
  if (theme === "light" || theme === "dark") root.dataset.theme = theme
  if (sessionStorage.getItem("session") !== null) root.dataset.session = "open"
} catch {
  // Storage is turned off in this browser.
}
