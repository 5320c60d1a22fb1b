"""`C` in logs: which containers are followed; of every pod those that it has."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on
from textual.widgets import Input

from tui.model.logs import LogSource
from tui.present.clean import clean
from tui.present.completions import Completion
from tui.present.parts import count
from widgets.completing import CompletingPrompt

if TYPE_CHECKING:
    from widgets.log_pane import LogPane


class LogContainersLine(CompletingPrompt):
    """Enter follows these, esc leaves everything as it was."""

    SIGN = "C"
    HINT = "app,sidecar  empty: all  enter follow  esc leave"

    def __init__(self, pane: LogPane) -> None:
        subject = pane.subject
        super().__init__(",".join(subject.containers) if subject is not None else "")
        self.pane = pane
        sources = pane.feed.value.sources if pane.feed.value is not None else ()
        known = {(_pod_of(one), name) for one in sources for name in (*one.there, one.container) if name}
        pods = Counter(name for _, name in known)
        self._names = {name: count(pods[name], "pod") for name in sorted(pods)}

    def on_mount(self) -> None:
        self._search(self.input.value)

    def _search(self, text: str) -> None:
        """Offer what the last word could become: where it begins no name, any, since it is a wrong one."""
        before, comma, last = text.rpartition(",")
        taken = set(text.split(","))
        meant = [name for name in self._names if name.startswith(last)] or list(self._names)
        self.offer(
            [
                Completion(f"{before}{comma}{name}", clean(name, 60), self._names[name])
                for name in meant
                if name not in taken
            ]
        )

    def put(self, completion: Completion) -> None:
        self.input.value = completion.line
        self.input.cursor_position = len(completion.line)

    @on(Input.Changed)
    def look(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    @on(Input.Submitted)
    def keep(self, event: Input.Submitted) -> None:
        event.stop()
        line = self.found[self.chosen].line if self.picked else event.value
        names = tuple(dict.fromkeys(name for name in re.split(r"[,\s]+", line) if name))
        subject = self.pane.subject
        self.close()
        if subject is not None and names != subject.containers:
            self.pane.post_message(self.pane.Wanted(replace(subject, containers=names)))


def _pod_of(source: LogSource) -> tuple[str, str, str]:
    return source.cluster.key, source.namespace, source.pod
