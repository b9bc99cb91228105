// The code book as a tree. What is open is kept here; the server sends the children of what was opened last, and those
// that came before are kept too.
// Every text arrives as data and is set as text, never as markup.
export default function (component) {
  const { data, parentElement, setStateValue, setTriggerValue } = component
  const tree = parentElement.querySelector(".tree")
  if (!tree) return
  tree.setAttribute("aria-label", data.label)
  if (tree.label !== data.label) Object.assign(tree, { label: data.label, opened: undefined, known: undefined })
  const open = (tree.opened ??= new Set(data.path))
  const known = Object.assign((tree.known ??= {}), data.children)
  const moved = tree.chosen !== data.chosen
  if (moved) {
    for (const code of data.path) open.add(code)
    tree.chosen = data.chosen
    tree.at = data.chosen
  }
  const rows = []
  const walk = (children, parent, level) => {
    children.forEach((node, place) => {
      rows.push({ ...node, parent, level, place: place + 1, of: children.length })
      if (node.header && open.has(node.code)) {
        if (known[node.code]) walk(known[node.code], node.code, level + 1)
        else rows.push({ coming: true, level: level + 1 })
      }
    })
  }

  const add = (parent, name, text) => {
    const element = document.createElement("span")
    element.className = name
    element.textContent = text
    element.setAttribute("aria-hidden", "true")
    parent.appendChild(element)
    return element
  }
  const drawn = (node) => {
    const row = document.createElement("li")
    row.style.setProperty("--level", node.level)
    if (node.coming) {
      row.className = "coming"
      row.setAttribute("role", "presentation")
      row.textContent = "…"
      return row
    }
    row.className = `row ${node.level === 1 ? "chapter" : node.level === 2 ? "block" : ""}`
    row.setAttribute("role", "treeitem")
    row.setAttribute("aria-level", node.level)
    row.setAttribute("aria-posinset", node.place)
    row.setAttribute("aria-setsize", node.of)
    row.setAttribute("aria-selected", String(node.code === data.chosen))
    if (node.header) row.setAttribute("aria-expanded", String(open.has(node.code)))
    row.tabIndex = -1
    row.title = node.title
    row.dataset.code = node.code
    add(row, "arrow", node.header ? "›" : "").onclick = (event) => {
      if (!node.header) return
      event.stopPropagation()
      tree.at = node.code
      toggle(node.code, !open.has(node.code))
    }
    add(row, "code", node.code)
    add(row, "title", node.short)
    const mark = add(row, node.header ? "count" : "billable", node.header ? node.count.toLocaleString(data.language) : "✓")
    mark.title = node.says
    add(row, "said", `${node.code} ${node.title}, ${node.says}`).removeAttribute("aria-hidden")
    row.onclick = () => choose(node)
    return row
  }
  const draw = (focus) => {
    const top = tree.scrollTop
    rows.length = 0
    walk(data.children[""], "", 1)
    tree.replaceChildren(...rows.map(drawn))
    tree.scrollTop = top
    mark(focus)
  }
  const element = (code) => [...tree.children].find((row) => row.dataset.code === code)
  // One row can be reached by Tab: the one that was last, else the first.
  const mark = (focus) => {
    const row = element(tree.at) ?? element(rows[0]?.code)
    if (!row) return
    for (const other of tree.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1
    row.tabIndex = 0
    tree.at = row.dataset.code
    if (focus) row.focus({ preventScroll: true })
    return row
  }
  const bring = (row, middle) => {
    if (!row) return
    const over = row.offsetTop - tree.scrollTop
    if (over >= 0 && over + row.offsetHeight <= tree.clientHeight && !middle) return
    if (over >= 24 && over + row.offsetHeight <= tree.clientHeight - 24) return
    if (middle) tree.scrollTop = row.offsetTop - tree.clientHeight / 3
    else tree.scrollTop += over < 0 ? over : over + row.offsetHeight - tree.clientHeight
  }
  const toggle = (code, wanted) => {
    if (wanted) open.add(code)
    else open.delete(code)
    draw(true)
    setStateValue("open", [...open])
  }
  const choose = (node) => {
    tree.at = node.code
    if (node.header && node.code === data.chosen) return toggle(node.code, !open.has(node.code))
    if (node.code === data.chosen) return
    mark(true)
    for (const row of tree.children) row.setAttribute("aria-selected", String(row.dataset.code === node.code))
    setTriggerValue("chosen", node.code)
  }
  const go = (code) => {
    tree.at = code
    bring(mark(true), false)
  }

  tree.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const real = rows.filter((node) => !node.coming)
    const place = real.findIndex((node) => node.code === tree.at)
    const node = real[place]
    if (!node) return
    const shown = node.header && open.has(node.code)
    const acts = {
      ArrowDown: () => real[place + 1] && go(real[place + 1].code),
      ArrowUp: () => real[place - 1] && go(real[place - 1].code),
      ArrowRight: () => {
        if (!node.header) return
        if (!shown) toggle(node.code, true)
        else if (real[place + 1]?.parent === node.code) go(real[place + 1].code)
      },
      ArrowLeft: () => (shown ? toggle(node.code, false) : node.parent && go(node.parent)),
      Home: () => go(real[0].code),
      End: () => go(real.at(-1).code),
      Enter: () => choose(node),
      " ": () => choose(node),
    }
    if (!acts[event.key]) return
    event.preventDefault()
    event.stopPropagation()
    acts[event.key]()
  }

  const root = tree.getRootNode()
  draw(tree.contains(root.activeElement))
  if (moved) bring(element(data.chosen), true)
}
