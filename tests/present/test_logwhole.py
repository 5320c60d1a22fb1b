"""A line is read whole, however long, and JSON indented."""

from __future__ import annotations

from tui.model.cluster import ClusterRef, Via
from tui.model.logs import LogLine, LogSource
from tui.present.logwhole import whole_line

SOURCE = LogSource(0, ClusterRef("k", "prod-eu", Via.GATEWAY), "web", "api-0", "app")


def test_json_is_indented_and_made_harmless() -> None:
    shown = whole_line(LogLine(0, 0, 0, b'{"msg":"a\\u001bb","n":{"k":1}}'), SOURCE, "14:02:11.307")
    assert shown.title == "14:02:11.307  prod-eu/api-0/app"
    assert [line.text for line in shown.lines][:3] == ["{", '  "msg": "a\\u001bb",', '  "n": {']


def test_a_long_line_is_there_to_its_end() -> None:
    text = b"x" * 9_000 + b" the end"
    assert "".join(line.text for line in whole_line(LogLine(0, 0, 0, text), None, "").lines) == text.decode()
