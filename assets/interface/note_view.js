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
      note.appendChild(document.createTextNode(part.text))
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
}
