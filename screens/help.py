"""The help, made from the bindings themselves, so that it cannot say anything else than what the keys do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType

from tui.present.details import Details, heading
from tui.present.filter_help import OVERVIEW
from tui.present.problems import Line
from widgets.key_names import key_names

KEYS = 14
"""Least columns for keys, so that most sections line up."""
COMMANDS = (
    (":pods payments", "a kind, in a namespace (-A: in all)"),
    (":po app=web @prod-*", "with a label selector, of clusters that match"),
    (":deploy /api", "with a filter"),
    (":deploy,sts  :all", "several kinds in one list, or a category"),
    (":@/eu|us/", "the same list of other clusters; ^name leaves one out"),
    (":find api @*", "objects of all kinds by a part of their names, or a glob"),
    (":changes 15m", "what was created, changed, restarted or deleted, newest first"),
    (":compare @prod-us", "this object beside the same one in other clusters, or the marked ones"),
    (":NAME", "a saved view of your own (views: in config.yaml)"),
    (":logs deploy/web -c app", "logs of pods, KIND/NAME, regular expressions, -l app=web; -A, -p, --since 5m"),
    (":fleets :connections :logs", "go there"),
    (":journal", "what was changed, by whom, and its undo"),
    (":apply", "a file, or a pasted manifest"),
    (":write :lock", "unlock writing for a while, lock it again"),
    (":q", "leave"),
)
MARKS = (
    ("● live", "true now"),
    ("○ stale", "was true at the time it says; the source has failed since"),
    ("◐ partial", "true, but some of it could not be seen"),
    ("× failed", "never known, and the source fails"),
    ("… loading", "asked, no answer yet"),
    ("∅ empty", "live, and there is nothing"),
)


def help_text(groups: Iterable[tuple[str, Iterable[BindingType]]], keymap: Mapping[str, str]) -> Details:
    """groups: a heading and the bindings under it. keymap: keys that the user has rebound, by binding id."""
    lines: list[Line] = []
    for title, bindings in groups:
        rows = [_row(binding, keymap) for binding in bindings if isinstance(binding, Binding) and binding.description]
        if rows:
            lines += [heading(title), *rows]
    for title, words in (("Command line", COMMANDS), ("Filters (/)", OVERVIEW), ("Marks", MARKS)):
        lines += [heading(title), *(Line(meaning, "", text.ljust(KEYS)) for text, meaning in words)]
    return Details("Help", tuple(lines))


def _row(binding: Binding, keymap: Mapping[str, str]) -> Line:
    keys = keymap.get(binding.id or "", binding.key)
    return Line(binding.description, "", key_names(keys).ljust(KEYS))
