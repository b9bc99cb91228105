// The codes of an encounter in their order, each with buttons to move it and to take it off; text is set as text.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const list = parentElement.querySelector(".listed")
  if (!list) return
  const add = (parent, tag, name, text) => {
    const element = document.createElement(tag)
    if (name) element.className = name
    if (text !== undefined) element.textContent = text
    parent.appendChild(element)
    return element
  }
  const focused = parentElement.querySelector("button:focus")?.dataset.act
  list.setAttribute("aria-label", data.label)
  list.replaceChildren()
  data.items.forEach((item, place) => {
    const row = add(list, "li", place === 0 ? "first" : "")
    row.dataset.code = item.code
    add(row, "span", "place", place === 0 ? data.first : String(place + 1))
    const words = add(row, "span", "words")
    add(words, "b", "", item.code)
    words.append(" " + item.title)
    if (!item.billable) add(words, "span", "header", data.header)
    if (item.words) add(words, "span", "quoted", "“" + item.words + "”")
    const buttons = add(row, "span", "buttons")
    for (const [act, sign, off] of [["up", "↑", place === 0], ["down", "↓", place === data.items.length - 1], ["off", "×", false]]) {
      const button = add(buttons, "button", "", sign)
      button.type = "button"
      button.disabled = off
      button.title = item.code + " " + data.acts[act]
      button.setAttribute("aria-label", button.title)
      button.dataset.act = item.code + " " + act
      button.onclick = () => setTriggerValue("acted", [item.code, act])
    }
  })
  if (focused) parentElement.querySelector(`button[data-act="${CSS.escape(focused)}"]:not(:disabled)`)?.focus()
}
