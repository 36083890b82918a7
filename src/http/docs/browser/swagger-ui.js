const element = document.getElementById("docs")
const dark = matchMedia("(prefers-color-scheme: dark)")

const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches)
dark.addEventListener("change", follow)
follow()

SwaggerUIBundle({
  domNode: element,
  url: element.dataset.document,
  deepLinking: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  // Its validator is a service of its makers.
  validatorUrl: null
})
