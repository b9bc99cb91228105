"""Whether a page fits its window."""


def wide(page) -> bool:
    """Whether anything is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
