// What the keyboard needs beyond buttons with keys: focus a field that opens, leave it, step with the arrows, see a document whole.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".keys")
  if (!root) return
  if (root.listening) root.listening.abort()
  const listening = new AbortController()
  root.listening = listening
  const options = { signal: listening.signal, capture: true }
  const typing = (target) =>
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])"))
  const ours = (target) => target instanceof HTMLElement && target.closest('[class*="st-key-review_field"]')
  window.addEventListener("keydown", (event) => {
    if (typing(event.target)) {
      if (!ours(event.target)) return
      if (event.key === "Enter") setTimeout(() => event.target.blur(), 50)
      if (event.key === "Escape") {
        event.target.blur()
        setTriggerValue("escaped", true)
      }
      return
    }
    // A key that is held down decides once.
    if (event.repeat && event.key.length === 1) event.stopImmediatePropagation()
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const free = !(event.target instanceof HTMLElement) || !event.target.closest('[role=radiogroup], [role=listbox], [role=dialog], [role=combobox], [role=slider]')
    if (by && free && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) {
      event.preventDefault()
      setTriggerValue("stepped", by)
    }
  }, options)
  if (root.turn !== undefined && root.turn !== data.turn && data.field) {
    const until = Date.now() + 3000
    const focus = () => {
      const field = document.querySelector(`.st-key-${data.field} input`)
      if (field) field.focus()
      else if (Date.now() < until) requestAnimationFrame(focus)
    }
    focus()
  }
  root.turn = data.turn
  // A document that opens takes the keyboard and stands at the top of the window, below the application's own bar.
  if (root.opened !== data.opened) {
    if (typing(document.activeElement)) document.activeElement.blur()
    const head = document.querySelector(".st-key-review_head")
    if (head) head.scrollIntoView({ block: "start" })
  }
  root.opened = data.opened
  root.dataset.listening = "true"
  return () => {
    listening.abort()
    delete root.dataset.listening
  }
}
