const element = document.getElementById("docs")
const dark = matchMedia("(prefers-color-scheme: dark)")

const applyColorScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches)
dark.addEventListener("change", applyColorScheme)
applyColorScheme()

SwaggerUIBundle({
  domNode: element,
  url: element.dataset.document,
  deepLinking: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  // The default validator is a service of the vendor.
  validatorUrl: null
})
