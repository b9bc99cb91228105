// The note as given, its mentions as buttons in the text; every text is set as text, never as markup.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const note = parentElement.querySelector(".note")
  if (!note) return
  const top = note.scrollTop
  const focused = note.querySelector(".mention:focus")?.dataset.id
  note.setAttribute("aria-label", data.label)
  note.classList.toggle("selectable", Boolean(data.selectable))
  note.replaceChildren()
  // Where several lie over each other, each further click opens the next of them.
  const opened = (part) => {
    const ids = part.ids || [part.id]
    return ids[(ids.indexOf(data.chosen) + 1) % ids.length]
  }
  for (const part of data.parts) {
    if (part.id === null) {
      if (part.cue) {
        const cue = document.createElement("mark")
        cue.className = "cue"
        cue.textContent = part.text
        note.appendChild(cue)
      } else {
        note.appendChild(document.createTextNode(part.text))
      }
      continue
    }
    const mention = document.createElement("span")
    const ends = part.first === undefined ? "first last" : (part.first ? "first " : "") + (part.last ? "last" : "")
    mention.className = ["mention", part.status, part.decision || "", part.evidence ? "evidence" : "", ends].join(" ")
    mention.textContent = part.text
    mention.setAttribute("role", "button")
    mention.setAttribute("aria-pressed", String(part.id === data.chosen))
    mention.setAttribute("aria-label", part.said ? `${part.text}, ${part.said}` : part.text)
    mention.title = part.hint
    mention.dataset.id = part.id
    if (part.first !== false) mention.tabIndex = 0
    mention.onclick = () => {
      if (!data.selectable || selection().isCollapsed) setTriggerValue("chosen", opened(part))
    }
    mention.onkeydown = (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault()
        setTriggerValue("chosen", opened(part))
      }
    }
    note.appendChild(mention)
  }
  if (focused) note.querySelector(`.mention[data-id="${CSS.escape(focused)}"][tabindex]`)?.focus({ preventScroll: true })
  note.scrollTop = top
  const wanted = note.querySelector('.mention[aria-pressed="true"], .mention.pending, .mention.evidence')
  if (wanted) {
    const place = wanted.offsetTop
    if (place < note.scrollTop || place > note.scrollTop + note.clientHeight - 40) note.scrollTop = place - note.clientHeight / 3
  }

  // Selecting words. Browsers disagree on where a selection inside a shadow root is told.
  function selection() {
    return parentElement.getSelection ? parentElement.getSelection() : document.getSelection()
  }
  function selected() {
    const one = selection()
    if (!one || !one.rangeCount) return null
    const composed = one.getComposedRanges && !parentElement.getSelection
    const range = composed ? one.getComposedRanges({ shadowRoots: [parentElement] })[0] : one.getRangeAt(0)
    if (!range || range.collapsed || !note.contains(range.startContainer) || !note.contains(range.endContainer)) return null
    // Python counts code points, JavaScript UTF-16 units: what lies before is counted as a string iterates.
    const until = (node, offset) => {
      const before = document.createRange()
      before.setStart(note, 0)
      before.setEnd(node, offset)
      return [...before.toString()].length
    }
    return { start: until(range.startContainer, range.startOffset), end: until(range.endContainer, range.endOffset) }
  }
  const tell = () => {
    const words = selected()
    if (words && words.end > words.start) setTriggerValue("selected", words)
  }
  if (note.listening) note.listening.abort()
  if (!data.selectable) return
  const listening = new AbortController()
  note.listening = listening
  const signal = { signal: listening.signal }
  let pressed = false
  let touched = false
  let waiting = 0
  note.addEventListener("pointerdown", (event) => { pressed = true; touched = event.pointerType === "touch" }, signal)
  document.addEventListener("pointerup", () => { if (pressed && !touched) setTimeout(tell, 0); pressed = false }, signal)
  // A finger selects with handles outside the page: wait until they rest.
  document.addEventListener("selectionchange", () => {
    if (!touched) return
    clearTimeout(waiting)
    waiting = setTimeout(tell, 900)
  }, signal)
  return () => listening.abort()
}
