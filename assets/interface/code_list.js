// A list of codes as cards; every text arrives as data and is set as text, never as markup.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const list = parentElement.querySelector(".codes")
  if (!list) return
  list.setAttribute("aria-label", data.label)
  const focused = list.querySelector("button:focus")?.dataset.id
  const add = (parent, tag, name, text) => {
    const element = document.createElement(tag)
    if (name) element.className = name
    if (text !== undefined) element.textContent = text
    parent.appendChild(element)
    return element
  }
  list.replaceChildren()
  const chosen = [data.chosen].flat()
  for (const item of data.items) {
    const card = add(add(list, "li"), "button", item.chance === null ? "card plain" : "card")
    card.type = "button"
    card.setAttribute("aria-pressed", String(chosen.includes(item.id)))
    card.dataset.code = item.code
    card.dataset.id = item.id
    const code = add(card, "span", "code", item.code)
    if (item.digit) {
      const key = document.createElement("kbd")
      key.textContent = item.digit
      code.prepend(key)
      card.classList.add("keyed")
      card.setAttribute("aria-keyshortcuts", item.digit)
    }
    add(card, "span", "title", item.title)
    if (item.chance === null) {
      add(card, "span", "header", item.billable ? "" : data.header)
    } else {
      const chance = add(card, "span", "chance")
      const words = add(chance, "span", "words")
      add(words, "span", "", item.word)
      add(words, "span", "percent", Math.round(item.chance * 100) + " %")
      add(add(chance, "span", "bar"), "i").style.width = Math.max(2, item.chance * 100) + "%"
    }
    for (const line of item.lines) add(card, "span", "note", line)
    card.onclick = () => setTriggerValue("chosen", item.id)
  }
  if (focused) list.querySelector(`button[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true })
  // Digits choose a card, unless somebody is typing.
  if (list.listening) list.listening.abort()
  const digits = new Map(data.items.filter((item) => item.digit).map((item) => [item.digit, item.id]))
  if (!digits.size) return
  const listening = new AbortController()
  list.listening = listening
  document.addEventListener("keydown", (event) => {
    const target = event.target
    const typing = target instanceof HTMLElement && (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])"))
    if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !digits.has(event.key)) return
    event.preventDefault()
    setTriggerValue("chosen", digits.get(event.key))
  }, { signal: listening.signal })
  return () => listening.abort()
}
