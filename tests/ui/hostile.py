"""Names, columns and labels as an enemy would write them, and as half of the world writes them."""

from __future__ import annotations

from tests.ui import states, world
from tests.ui.fake import FakeHub
from tui.model.feed import Feed
from tui.model.kube import PODS, Column, Row, Table

TEXTS = {
    "plain": "Running",
    "escapes": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "clear": "\x1b[2J\x1b[H\x9b2J",
    "markup": "[bold red]x[/bold red][@click=app.quit]y[/]",
    "huge": "M" * 1_000_000 + "\x1b[2J",
    "rtl": "שלום-עולם مرحبا",
    "override": "\u202egnp.exe\u202c",
    "emoji": "🚀🔥👍🏽 👨\u200d👩\u200d👧 ❤\ufe0f 🇩🇪",
    "combining": "cafe\u0301 Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307algo",
    "zero": "a\u200bb\u200c\u2060c\ufeffd",
    "wide": "日本語クラスタ・한국어-클러스터",
    "lines": "one\r\ntwo\tthree\x00four",
    "surrogate": "half \ud83d of one",
    "devanagari": "क्षत्रिय-पॉड",
}
COLUMNS = (
    Column("Name", format="name"),
    Column("Ready"),
    Column("Status"),
    Column("Restarts"),
    Column("Age"),
    Column("日本語\x1b[1m欄", priority=1),
)


def row(name: str, text: str) -> Row:
    cells = (f"{name} {text}", "1/1", text, "0", "?", text)
    return Row(
        f"uid-{name}",
        f"{name} {text}",
        f"ns {text}",
        cells,
        "1",
        world.rfc3339(world.NOW - 3600),
        "",
        {text[:80]: text[:80]},
    )


ROWS = tuple(row(name, text) for name, text in TEXTS.items())


def hub() -> FakeHub:
    """The pods of prod-eu, all hostile."""
    made = states.live()
    for query, cell in made.lists.items():
        if len(query.clusters) == 1 and query.clusters[0].name == "prod-eu":
            table = Table(PODS, COLUMNS, {one.key: one for one in ROWS})
            cell.put(world.view_of(query, Feed(table, world.NOW - 3)), world.NOW)
    return made
