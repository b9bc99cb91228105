"""What axe-core finds in a page, and what a browser tells of focus, motion and charts; shadow roots are looked into."""

import pytest

from tests.conftest import ROOT

SCRIPT = ROOT / "build" / "axe" / "axe.min.js"
GRAVE = ("serious", "critical")
AXE = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] })
  return found.violations.flatMap(({ id, impact, nodes }) => nodes.map((node) =>
    ({ id, impact, at: node.target.flat().join(" >> "), why: node.failureSummary, html: node.html.slice(0, 160) })))
}"""
MOVING = """() => {
  const inside = (one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]
  const all = (root) => [...root.querySelectorAll("*")].flatMap(inside)
  const ours = (one) => one.getRootNode() instanceof ShadowRoot || one.closest(".why")
  return all(document).filter(ours).filter((one) => {
    const style = getComputedStyle(one)
    const lasts = (times) => times.split(", ").some((time) => parseFloat(time) > 0)
    return lasts(style.transitionDuration) || lasts(style.animationDuration) || style.scrollBehavior === "smooth"
  }).map((one) => one.outerHTML.slice(0, 120))
}"""
ALIKE = """() => [...document.querySelectorAll(".js-plotly-plot")].flatMap((chart) => {
  const looks = chart.data.filter((one) => one.name && one.showlegend !== false).map((one) =>
    [one.marker?.symbol ?? "circle", one.line?.dash ?? "solid", one.marker?.pattern?.shape ?? ""].join())
  return new Set(looks).size < looks.length ? [chart.data.map((one) => one.name).join(", ")] : []
})"""
FOCUS = """() => {
  const deepest = () => {
    let one = document.activeElement
    while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement
    return one
  }
  const looks = (one) => {
    const around = []
    for (let at = one; at && around.length < 4; at = at.parentElement) around.push(at)
    for (let at = one.nextElementSibling; at; at = at.nextElementSibling) around.push(at)
    if (one.previousElementSibling) around.push(one.previousElementSibling)
    return around.map((at) => {
      const style = getComputedStyle(at)
      const line = style.outlineStyle === "none" || style.outlineWidth === "0px" ? "" : style.outline
      return [line, style.boxShadow, style.borderColor, style.borderWidth, style.backgroundColor].join()
    }).join("|")
  }
  const before = window.focusedBefore
  const unseen = before?.one.isConnected && before.looks === looks(before.one) ? before.named : ""
  const one = deepest()
  if (!one || one === document.body) return { named: "", unseen }
  const labels = [...(one.labels || [])].map((label) => label.innerText).join(" ")
  const inner = one.matches("main") ? "the page" : one.innerText
  const words = one.getAttribute("aria-label") || labels || inner || one.title || ""
  const named = `${one.getAttribute("role") || one.tagName.toLowerCase()}: ${words.replace(/\\s+/g, " ").trim()}`
  window.focusedBefore = { one, named, looks: looks(one) }
  return { named, unseen }
}"""


def axe_core() -> str:
    """Its script; skips where it is not there."""
    if not SCRIPT.is_file():
        pytest.skip("axe-core is not there (.ci/run fetches it)")
    return str(SCRIPT)


def violations(page) -> list[str]:
    """What is seriously wrong: rule, place, and what to do."""
    return sorted(
        f"{one['id']} ({one['impact']}) at {one['at']}\n    {one['html']}\n    {' '.join(one['why'].split())}"
        for one in page.evaluate(AXE)
        if one["impact"] in GRAVE
    )


def moving(page) -> list[str]:
    """Elements of ours that move by a transition, an animation or smooth scrolling."""
    return page.evaluate(MOVING)


def alike(page) -> list[str]:
    """Charts with series that only their colour tells apart."""
    return page.evaluate(ALIKE)


def tab_to(page, wanted: str, *, back: bool = False, most: int = 60) -> str:
    """Press Tab until what has the focus is called `wanted`; everything on the way has a name and shows its focus."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        told = page.evaluate(FOCUS)
        assert not told["unseen"], f"nothing shows that it has the focus: {told['unseen']}"
        passed.append(told["named"])
        if wanted in told["named"]:
            return told["named"]
        assert not told["named"] or told["named"].split(": ", 1)[1], f"no name: {passed}"
    raise AssertionError(f"{wanted} is not reached by Tab: {passed}")
