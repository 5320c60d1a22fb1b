"""What is said of streams and port-forwards, as tables."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tui.errors import Problem, ProblemKind
from tui.model.builtin import CONFIG_MAPS, DEPLOYMENTS, SERVICES
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS, KindRef
from tui.model.preflight import Light, Preflight, Shade
from tui.model.streams import Bound, ForwardEntry, ForwardState, ForwardTarget, PortPair, Queued
from tui.present import forwards
from tui.present.parts import cell_text
from tui.present.sizes import size_text
from tui.present.streams import (
    clock_words,
    cut_words,
    exit_words,
    killed_words,
    light_lines,
    pair_words,
    parse_pairs,
    queue_line,
    streams_to,
    title_words,
)

DROPPED = Problem(ProblemKind.UNREACHABLE, "the connection was dropped without a word")


@pytest.mark.parametrize(("kind", "leads"), [(PODS, True), (DEPLOYMENTS, True), (SERVICES, True), (CONFIG_MAPS, False)])
def test_what_leads_to_a_pod(kind: KindRef, leads: bool) -> None:
    assert streams_to(kind) is leads


@pytest.mark.parametrize(
    ("typed", "pairs"),
    [
        ("8080:80", (PortPair(8080, 80),)),
        ("80", (PortPair(80, 80),)),
        ("http", (PortPair(0, "http"),)),
        ("0:80, 9090:metrics", (PortPair(0, 80), PortPair(9090, "metrics"))),
        (" 8080:80   81 ", (PortPair(8080, 80), PortPair(81, 81))),
    ],
)
def test_ports_as_they_are_typed(typed: str, pairs: tuple[PortPair, ...]) -> None:
    assert parse_pairs(typed) == pairs
    assert parse_pairs(pair_words(pairs)) == pairs


@pytest.mark.parametrize("typed", ["", "  ", "80:", "x_y", "99999", "80:99999", "1:2:3", "8080:0", "-1", "80:HTTP"])
def test_what_is_no_port_is_refused_with_words(typed: str) -> None:
    with pytest.raises(ValueError, match="port"):
        parse_pairs(typed)


@pytest.mark.parametrize(
    ("seconds", "limited", "words"),
    [
        (65, True, "65s"),
        (18 * 60 + 30, True, "18m, the gateway may cut it in 90s"),
        (25 * 60, True, "25m, the gateway may cut it now"),
        (25 * 60, False, "25m"),
    ],
)
def test_the_clock_of_a_stream(seconds: float, limited: bool, words: str) -> None:
    assert clock_words(seconds, limited=limited) == words


@pytest.mark.parametrize(
    ("seconds", "limited", "words"),
    [
        (720, True, "12m · prod-eu/a"),
        (1140, True, "cut in 60s · prod-eu/a"),
        (1300, True, "cut is due · prod-eu/a"),
        (1300, False, "21m · prod-eu/a"),
    ],
)
def test_a_window_s_title_says_first_what_changes(seconds: float, words: str, *, limited: bool) -> None:
    assert title_words("prod-eu/a", seconds, limited=limited) == words


@pytest.mark.parametrize(
    ("seconds", "limited", "words"),
    [
        (24 * 60, True, "cut after 24m: the gateway ends every stream after 20 to 30 minutes"),
        (3 * 60, True, "before the gateway's limit of 20 minutes, by agent or network"),
        (24 * 60, False, "dropped after 24m: the connection was dropped"),
    ],
)
def test_which_of_the_two_it_was(seconds: float, limited: bool, words: str) -> None:
    assert words in cut_words(DROPPED, seconds, limited=limited)


@pytest.mark.parametrize(
    ("code", "said", "words"),
    [
        (0, "", ""),
        (3, "", "ended with exit code 3"),
        (137, "", "ended with exit code 137 (signal 9)"),
        (None, "no\x1bt", "no␛t"),
    ],
)
def test_how_a_command_ended(code: int | None, said: str, words: str) -> None:
    assert exit_words(code, said) == words


@pytest.mark.parametrize(
    ("code", "said", "words"),
    [
        (
            137,
            "",
            "killed after 12m (exit code 137, signal 9): its container was ended or ran out of memory, or its pod",
        ),
        (139, "", "killed after 12m (exit code 139, signal 11): it crashed"),
        (None, "no\x1bt", "ended by the cluster after 12m: no␛t"),
        (None, "", "ended by the cluster after 12m: nobody said why"),
    ],
)
def test_how_a_session_was_ended_by_somebody_else(code: int | None, said: str, words: str) -> None:
    assert killed_words(code, said, 12 * 60).startswith(words)


def test_a_bad_light_names_its_cure_and_no_light_relies_on_colour() -> None:
    bad = Light("IAM", Shade.BAD, "ana lacks it\x1b[31m", "gcloud do")
    lines = [line.text for line in light_lines(Preflight("exec", (Light("version", Shade.GOOD, "v1.33"), bad)))]
    assert lines == ["● version  v1.33", "× IAM      ana lacks it␛[31m", "           gcloud do"]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KiB"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (200 << 20, "200 MiB"),
        (1 << 50, "1024 TiB"),
    ],
)
def test_amounts_of_bytes(count: int, text: str) -> None:
    assert size_text(count) == text


def entry(state: str, via: Via = Via.GATEWAY, **changes: object) -> ForwardEntry:
    target = ForwardTarget(ClusterRef("k", "prod-eu", via), SERVICES, "web", "shop")
    bound = (Bound(8080, "http", 80, ("127.0.0.1", "::1")),) if state == "live" else ()
    held = replace(ForwardState(bound, state, 100.0, "shop-1", 1, 3, 1, 2048, 5000), **changes)
    return ForwardEntry(1, target, (PortPair(8080, "http"),), held, begun=100.0, sent_rate=512.0)


def test_a_row_tells_its_state_by_mark_and_word() -> None:
    row = [cell_text(cell) for cell in forwards.cells(entry("live"), 165.0)]
    assert row[:5] == [":8080→80", "prod-eu", "web/services/shop", "shop-1", "● live"]
    assert row[5:] == ["–", "1 of 3, 1×", "2 KiB", "4.9 KiB", "512 B/s", "65s", ""]
    states = {state: cell_text(forwards.cells(entry(state), 165.0)[4]) for state in forwards.STATES}
    assert list(states.values()) == ["… queued", "… opening", "● live", "○ waiting", "× ended", "– asleep"]
    unready = entry("live")
    unready = replace(unready, state=replace(unready.state, note="pod shop-1 is not ready"))
    assert cell_text(forwards.cells(unready, 165.0)[4]) == "◐ not ready"
    assert forwards.trouble_of(unready, 165.0, "r") == "pod shop-1 is not ready"


def test_who_holds_the_others_up_is_told_before_what_was() -> None:
    held = entry("live")
    words = "127.0.0.1:41234 has stopped reading port 80: another connection waits"
    held = replace(held, state=replace(held.state, held_up=words, problem=DROPPED, note="pod shop-1 is not ready"))
    assert cell_text(forwards.cells(held, 165.0)[4]) == "◐ held up"
    assert forwards.trouble_of(held, 165.0, "r") == f"◐ {words}"
    assert words in " ".join(str(text.text) for text in forwards.details_of(held, 165.0).lines)


MINUTE = 60.0


@pytest.mark.parametrize(
    ("via", "minutes", "cell", "line"),
    [
        (Via.GATEWAY, 12, "12m", ""),
        (Via.GATEWAY, 19, "19m, cut in 60s", "19m, the gateway may cut it in 60s; it is dialled again then"),
        (Via.GATEWAY, 24, "24m, cut is due", "24m, the gateway may cut it now; it is dialled again then"),
        (Via.CONTEXT, 24, "24m", ""),
    ],
)
def test_the_clock_of_a_port_forwards_stream(via: Via, minutes: int, cell: str, line: str) -> None:
    held = entry("live", via, way_since=100.0)
    now = 100.0 + minutes * MINUTE
    assert cell_text(forwards.stream_cell(held, now)) == cell
    assert forwards.trouble_of(held, now, "r").endswith(line)
    assert bool(forwards.trouble_of(held, now, "r")) is bool(line)


@pytest.mark.parametrize(
    ("via", "minutes", "cell", "line"),
    [
        (Via.GATEWAY, 24, "limit at 24m", "cut after 24m: the gateway ends every stream after 20 to 30 minutes"),
        (Via.GATEWAY, 13, "dropped at 13m", "dropped after 13m, before the gateway's limit of 20 minutes, by agent"),
        (Via.CONTEXT, 24, "dropped at 24m", "dropped after 24m: the connection was dropped"),
    ],
)
def test_which_of_the_two_ended_it_is_told_afterwards(via: Via, minutes: int, cell: str, line: str) -> None:
    cut = {"cuts": 2, "cut": DROPPED, "cut_after": minutes * MINUTE, "cut_at": 150.0}
    held = entry("waiting", via, **cut)
    assert cell_text(forwards.stream_cell(held, 165.0)) == cell
    assert forwards.trouble_of(held, 165.0, "r").startswith(f"○ {line}")
    healed = entry("live", via, way_since=160.0, **cut)
    assert cell_text(forwards.stream_cell(healed, 165.0)) == "5s"
    assert forwards.trouble_of(healed, 165.0, "r") == ""
    assert line in " ".join(str(text.text) for text in forwards.details_of(healed, 165.0).lines)


def test_one_that_sleeps_names_the_key_that_wakes_it() -> None:
    words = forwards.trouble_of(entry("asleep"), 165.0, "ctrl+b")
    assert words == "– asleep: kept from an earlier run and not begun in this one; ctrl+b wakes it"


def test_what_is_copied_is_what_a_browser_takes() -> None:
    assert forwards.address(entry("live")) == "http://127.0.0.1:8080"
    assert forwards.address(entry("asleep")) == ""
    assert forwards.local_words(entry("asleep")) == "8080:http"
    assert "127.0.0.1:8080 → 80" in str(forwards.details_of(entry("live"), 165.0).lines)


def test_who_waits_for_a_stream_is_told_how_many_are_ahead_and_the_way_out() -> None:
    assert queue_line(Queued("acme-1", 2, 5)) == (
        b"\rwaiting for a stream: 2 ahead of you, 5 of 5 in use (acme-1); ctrl-c leaves\r\n"
    )
    assert b"you are next, 5 of 5 in use" in queue_line(Queued("acme-1", 0, 5))
    assert queue_line(None) == b""
    assert b"\x1b" not in queue_line(Queued("acme\x1b[2J", 0, 5))


def test_a_queued_forward_says_in_its_line_how_the_queue_stands() -> None:
    waits = entry("queued", note=Queued("acme-1", 2, 5).words)
    assert forwards.trouble_of(waits, 165.0, "enter") == Queued("acme-1", 2, 5).words
