// The note as given, its mentions as buttons in the text; every text is set as text, never as markup.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const note = parentElement.querySelector(".note")
  if (!note) return
  const top = note.scrollTop
  note.setAttribute("aria-label", data.label)
  note.replaceChildren()
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
    mention.className = "mention " + part.status + (part.evidence ? " evidence" : "")
    mention.textContent = part.text
    mention.tabIndex = 0
    mention.setAttribute("role", "button")
    mention.setAttribute("aria-pressed", String(part.id === data.chosen))
    mention.title = part.hint
    mention.onclick = () => setTriggerValue("chosen", part.id)
    mention.onkeydown = (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault()
        setTriggerValue("chosen", part.id)
      }
    }
    note.appendChild(mention)
  }
  note.scrollTop = top
  const wanted = note.querySelector('.mention[aria-pressed="true"], .mention.evidence')
  if (wanted) {
    const place = wanted.offsetTop
    if (place < note.scrollTop || place > note.scrollTop + note.clientHeight - 40) note.scrollTop = place - note.clientHeight / 3
  }
}
