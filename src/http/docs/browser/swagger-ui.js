const element = document.getElementById("docs")

SwaggerUIBundle({
  domNode: element,
  url: element.dataset.document,
  deepLinking: true,
  tryItOutEnabled: true,
  // Its validator is a service of its makers.
  validatorUrl: null
})
