// All annotations of a note, one a line; every text arrives as data and is set as text, never as markup.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const list = parentElement.querySelector(".list")
  if (!list) return
  const top = list.scrollTop
  const focused = list.querySelector("button:focus")?.dataset.id
  list.setAttribute("aria-label", data.label)
  list.replaceChildren()
  for (const item of data.items) {
    const row = document.createElement("button")
    row.type = "button"
    row.className = item.decision
    row.dataset.id = item.id
    row.setAttribute("aria-pressed", String(item.id === data.chosen))
    row.title = item.hint
    for (const name of ["mark", "words", "status", "code"]) {
      const cell = document.createElement("span")
      cell.className = name
      cell.textContent = item[name]
      row.appendChild(cell)
    }
    row.firstChild.setAttribute("role", "img")
    row.firstChild.setAttribute("aria-label", item.said)
    row.onclick = () => setTriggerValue("chosen", item.id)
    const line = document.createElement("li")
    line.appendChild(row)
    list.appendChild(line)
  }
  if (focused) list.querySelector(`button[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true })
  list.scrollTop = top
  const wanted = list.querySelector('[aria-pressed="true"]')
  if (wanted) {
    const place = wanted.offsetTop
    if (place < list.scrollTop || place > list.scrollTop + list.clientHeight - 34) list.scrollTop = place - list.clientHeight / 3
  }
}
