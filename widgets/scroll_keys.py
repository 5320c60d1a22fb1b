"""The keys that move through a long text, one list for all views of one: fingers learn them once."""

from __future__ import annotations

from textual.binding import Binding, BindingType


def scroll_keys(view: str, last: str = "Last line") -> list[BindingType]:
    """view: begins the ids ("log.up"), by which a person rebinds them. last: what going to the end means there. The
    actions are `rows`, `pages`, `ends` and `sideways`."""
    return [
        Binding("up,k", "rows(-1)", "Up", show=False, id=f"{view}.up"),
        Binding("down,j", "rows(1)", "Down", show=False, id=f"{view}.down"),
        Binding("pageup,ctrl+b", "pages(-1)", "Page up", show=False, id=f"{view}.page_up"),
        Binding("pagedown,ctrl+f,space", "pages(1)", "Page down", show=False, id=f"{view}.page_down"),
        Binding("home,g", "ends(-1)", "First line", show=False, id=f"{view}.first"),
        Binding("end,G", "ends(1)", last, show=False, id=f"{view}.last"),
        Binding("left,h", "sideways(-8)", "Left", show=False, id=f"{view}.left"),
        Binding("right", "sideways(8)", "Right", show=False, id=f"{view}.right"),
    ]
