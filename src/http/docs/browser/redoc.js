const element = document.getElementById("docs")

const dark = {
  colors: {
    primary: { main: "#8ab4f8" },
    text: { primary: "#e3e3e3", secondary: "#b0b0b0" },
    gray: { 50: "#1f1f1f", 100: "#2a2a2a" },
    border: { light: "#3a3a3a", dark: "#4a4a4a" },
    success: { main: "#6dd58c" },
    error: { main: "#f2a8a0" }
  },
  typography: { code: { color: "#f2a8a0", backgroundColor: "#2a2a2a" }, links: { color: "#8ab4f8" } },
  schema: { nestedBackground: "#1f1f1f", typeNameColor: "#b0b0b0", typeTitleColor: "#e3e3e3" },
  sidebar: { backgroundColor: "#1a1a1a", textColor: "#e3e3e3" },
  rightPanel: { backgroundColor: "#11171a" }
}

Redoc.init(
  element.dataset.document,
  {
    hideDownloadButtons: true,
    nativeScrollbars: true,
    theme: matchMedia("(prefers-color-scheme: dark)").matches ? dark : {}
  },
  element
)
