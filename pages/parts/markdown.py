"""Text inside Markdown."""


def plain(text: str) -> str:
    """Text that is shown as it stands inside Markdown."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#+!|$~:&" else char for char in text)
