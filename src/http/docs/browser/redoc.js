const element = document.getElementById("docs")

Redoc.init(element.dataset.document, { hideDownloadButtons: true, nativeScrollbars: true }, element)
