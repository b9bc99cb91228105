// A list of codes as cards; every text arrives as data and is set as text, never as markup.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const list = parentElement.querySelector(".codes")
  if (!list) return
  list.setAttribute("aria-label", data.label)
  const add = (parent, tag, name, text) => {
    const element = document.createElement(tag)
    if (name) element.className = name
    if (text !== undefined) element.textContent = text
    parent.appendChild(element)
    return element
  }
  list.replaceChildren()
  for (const item of data.items) {
    const card = add(add(list, "li"), "button", item.chance === null ? "card plain" : "card")
    card.type = "button"
    card.setAttribute("aria-pressed", String(item.id === data.chosen))
    card.dataset.code = item.code
    add(card, "span", "code", item.code)
    add(card, "span", "title", item.title)
    if (item.chance === null) {
      add(card, "span", "header", item.billable ? "" : "header")
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
}
