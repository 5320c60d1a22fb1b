"""What a filter line offers and says while it is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tui.present.fields import BORN, Field
from tui.present.filter_help import complete_filter, hint, word_before
from tui.present.filters import parse_filter

FIELDS = (
    Field("NAMESPACE", -2),
    Field("NAME", 0),
    Field("READY", 1),
    Field("STATUS", 2),
    Field("RESTARTS", 3),
    Field("AGE", BORN),
    Field("NOMINATED NODE", 4),
)
VALUES = {
    "NAMESPACE": {"payments": 3, "web": 1},
    "STATUS": {"Pending": 2, "Running": 40, "CrashLoopBackOff": 1, "<none>": 7, "Not \x1b[1m": 1},
    "RESTARTS": {"0": 40, "3 (5m ago)": 2},
    "READY": {"1/1": 3},
    "AGE": {"2026-11-22T01:01:25Z": 1},
}


class Pods:
    def filter_fields(self) -> Sequence[Field]:
        return FIELDS

    def filter_values(self, field: Field) -> Mapping[str, int]:
        return VALUES.get(field.name, {})


class Logs(Pods):
    def filter_fields(self) -> Sequence[Field]:
        return ()


def lines(text: str) -> list[str]:
    return [found.line for found in complete_filter(text, Pods())]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("", []),
        ("re", ["ready:", "restarts:"]),
        ("api na", ["api namespace:", "api name:"]),
        ("!sta", ["!status:"]),
        ("zzz", []),
        ("node", ["nominated-node:"]),
        ("ns:", ["ns:payments", "ns:web"]),
        ("status:!p", ["status:!Pending", "status:!CrashLoopBackOff"]),
        ("web status:run", ["web status:Running"]),
        ("status:Running", []),
        ("restarts:", ["restarts:0", 'restarts:"3 (5m ago)"']),
        ("age:", ["age:<10m", "age:<1h", "age:<1d", "age:>1d", "age:>7d"]),
        ("age:<1", ["age:<10m", "age:<1h", "age:<1d"]),
        ("what:x", []),
        ("-f na", []),
        ("-l na", []),
        ("-l app=web sta", ["-l app=web status:"]),
        ('status:"Crash', ["status:CrashLoopBackOff"]),
    ],
)
def test_offers_columns_and_then_the_values_seen_in_them(text: str, offered: list[str]) -> None:
    assert lines(text) == offered


def test_what_is_offered_can_be_parsed_and_says_how_often_it_is_seen() -> None:
    found = complete_filter("status:", Pods())
    assert [(one.label, one.detail) for one in found] == [
        ("Running", "40 rows"),
        ("Pending", "2 rows"),
        ("CrashLoopBackOff", "1 row"),
        ("Not ␛[1m", "1 row"),
    ]
    for one in found:
        parsed = parse_filter(one.line, columns=True)
        assert parsed is not None
        assert len(parsed.columns) == 1
        assert not parsed.words


def test_lines_of_logs_have_no_columns_to_offer() -> None:
    assert complete_filter("sta", Logs()) == []
    assert "column" not in hint("", Logs())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "column:value"),
        ("api", "tab complete"),
        ("status:", "glob*"),
        ("age:<", "<younger"),
        ("restarts:>", "3 or 0.5"),
        ("ready:", "1/2"),
        ("zone:", 'no column "zone"'),
        ("a.*b", "regular expression"),
        ("!api", "not so"),
        ("-l ", "app=web"),
        ("-l app=x age:", "older"),
        ("-f a", "letters"),
    ],
)
def test_one_line_says_what_the_word_before_the_cursor_means(text: str, said: str) -> None:
    assert said in hint(text, Pods())


def test_a_quote_that_is_open_holds_its_spaces() -> None:
    assert word_before('api status:"Not re') == ("api ", 'status:"Not re')
    assert word_before("api ") == ("api ", "")
