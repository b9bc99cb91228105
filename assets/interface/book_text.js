// What the book says of a code, the codes in it as links; every text arrives as data and is set as text, never as markup.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const text = parentElement.querySelector(".text")
  if (!text) return
  const add = (parent, tag, content) => {
    const element = document.createElement(tag)
    if (content !== undefined) element.textContent = content
    parent.appendChild(element)
    return element
  }
  const link = (parent, piece) => {
    const element = add(parent, "a", piece.text)
    element.href = "?code=" + encodeURIComponent(piece.code)
    element.title = piece.title
    element.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return // a tab of its own
      event.preventDefault()
      setTriggerValue("chosen", piece.code)
    }
  }
  const notes = (parent, kinds) => {
    for (const kind of kinds) {
      add(parent, "h4", kind.heading)
      const list = add(parent, "ul")
      for (const line of kind.lines) {
        const item = add(list, "li")
        if (line.at(-1)?.text.endsWith(":")) item.className = "lead" // what the lines after it are of
        for (const piece of line) piece.code ? link(item, piece) : item.append(piece.text)
      }
    }
  }
  const held = text.querySelector(":focus") !== null
  text.replaceChildren()
  if (data.path.length) {
    const nav = add(text, "nav")
    nav.className = "path"
    nav.setAttribute("aria-label", data.path_label)
    data.path.forEach((above, place) => {
      if (place) add(nav, "span", " › ").className = "step"
      link(nav, above)
    })
  }
  notes(text, data.own)
  for (const above of data.above) {
    const part = add(text, "details")
    part.open = above.open
    const summary = add(part, "summary")
    const [before, after] = data.from.split("{code}")
    summary.append(`${before}${above.text}${after} `) // the way above has it as a link
    add(summary, "span", above.says).className = "small"
    notes(part, above.kinds)
  }
  for (const group of data.groups) {
    add(text, "h4", `${group.heading} (${group.rows.length})`)
    const list = add(text, "ul")
    list.className = "terms"
    for (const row of group.rows) {
      const item = add(list, "li")
      add(item, "span", row.term)
      add(item, "span", row.source).className = "small"
    }
  }
  const box = data.groups.length > 0 // it scrolls: the keyboard has to reach it
  text.classList.toggle("box", box)
  text.tabIndex = box ? 0 : -1
  if (box) {
    text.setAttribute("role", "region")
    text.setAttribute("aria-label", data.groups_label)
  }
  if (held) text.focus({ preventScroll: true }) // the link that was followed is gone
  // A code that was opened from far down the page is shown from its beginning.
  const before = text.shown
  text.shown = data.code
  if (data.path.length && before && before !== data.code && text.getBoundingClientRect().top < 0) {
    text.scrollIntoView({ block: "center" })
  }
}
