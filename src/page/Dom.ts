type Child = Node | string

/** Creates an element. An attribute that is `undefined` is left out. */
export const h = (
  tag: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: ReadonlyArray<Child>
): HTMLElement => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

/** Finds an element that this page may not have. */
export const find = (selector: string, within: ParentNode = document): HTMLElement | undefined =>
  within.querySelector<HTMLElement>(selector) ?? undefined

export const part = (name: string): HTMLElement | undefined => find(`[data-part="${name}"]`)
export const field = (name: string): HTMLElement | undefined => find(`[data-field="${name}"]`)

/** Sets the text of an element, unless it is the same. */
export const setText = (element: HTMLElement | undefined, text: string): void => {
  if (element !== undefined && element.textContent !== text) element.textContent = text
}

/** Sets the text of a field; does nothing on a page without it. */
export const fill = (name: string, text: string): void => setText(field(name), text)

export const replace = (element: HTMLElement | undefined, ...children: ReadonlyArray<Child>): void =>
  element?.replaceChildren(...children)

export const inputOf = (
  form: HTMLElement | undefined,
  name: string
): HTMLInputElement | HTMLTextAreaElement | undefined => {
  const element = form?.querySelector(`[name="${name}"]`)
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element : undefined
}

/** Calls back when a form is submitted, without leaving the page. */
export const onSubmit = (form: HTMLElement | undefined, run: () => void): void =>
  form?.addEventListener("submit", (event) => {
    event.preventDefault()
    run()
  })

/** Calls back when the element with this `data-action` is pressed. */
export const onAction = (within: HTMLElement | undefined, action: string, run: () => void): void =>
  within?.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest(`[data-action="${action}"]`) !== null) run()
  })

const announcer = part("announcer")

/** Makes screen readers announce a text. Only for blocks, the status and results of actions. */
export const announce = (text: string): void => setText(announcer, text)

interface Column<A> {
  readonly title: string
  readonly isNumber?: boolean
  /** Whether the column is left out on narrow screens. */
  readonly isExtra?: boolean
  readonly cell: (row: A) => Child
}

const classOf = ({ isExtra, isNumber }: Column<never>): string | undefined =>
  [isNumber === true ? "number" : "", isExtra === true ? "extra" : ""].join(" ").trim() || undefined

/** Creates a table. The first column is the header of its row. */
export const table = <A>(label: string, columns: ReadonlyArray<Column<A>>, rows: ReadonlyArray<A>): HTMLElement =>
  h(
    "table",
    { "aria-label": label },
    h(
      "thead",
      {},
      h("tr", {}, ...columns.map((column) => h("th", { scope: "col", class: classOf(column) }, column.title)))
    ),
    h(
      "tbody",
      {},
      ...rows.map((row) =>
        h(
          "tr",
          {},
          ...columns.map((column, index) =>
            h(
              index === 0 ? "th" : "td",
              { scope: index === 0 ? "row" : undefined, class: classOf(column) },
              column.cell(row)
            )
          )
        )
      )
    )
  )

export const empty = (text: string): HTMLElement => h("p", { class: "empty" }, text)
