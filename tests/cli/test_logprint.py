"""How log lines are printed: as they were written, or filtered, marked, filled into a template, as JSON."""

from __future__ import annotations

import argparse
import json
import re
from datetime import UTC, datetime

import pytest

from tests.streams.fakelog import raw
from tui.cli.lognames import Naming, naming_of
from tui.cli.logprint import Form, LogPrinter, checked, patterns, stripped
from tui.cli.logs import filter_of, words_of, zone_of
from tui.cli.parser import parse
from tui.errors import UsageError
from tui.model.cluster import ClusterRef, Via
from tui.model.logask import asked, moment, since_seconds
from tui.model.logs import LogSource

ONE = ClusterRef("context:one", "one", Via.CONTEXT)
AT = 1_763_773_449_830_842_202
TIME = "2025-11-22T01:04:09.830842202Z"
SOURCES = (LogSource(0, ONE, "web", "api-0", "app"), LogSource(1, ONE, "web", "api-1", "app"))


def printed(
    form: Form,
    *lines: bytes,
    sources: tuple[LogSource, ...] = SOURCES[:1],
    of: int = 0,
    naming: Naming | None = None,
) -> bytes:
    printer = LogPrinter(form, naming or Naming(prefix=len(sources) > 1))
    printer.know(sources)
    return printer.lines(([raw(AT, line) for line in lines], [of] * len(lines)))


def test_one_log_is_printed_as_it_was_written() -> None:
    hostile = b"\x1b[31m \xff\x00 {pod}"
    assert printed(Form(), b"a", b"", hostile) == b"a\n\n" + hostile + b"\n"
    assert (
        stripped([b"no stamp at all", raw(AT, b"x"), b"2025-11-22T01:04:09Z short"]) == b"no stamp at all\nx\nshort\n"
    )
    assert stripped([]) == b""


def test_several_are_told_apart() -> None:
    assert printed(Form(), b"a", sources=SOURCES, of=1) == b"one/api-1/app a\n"
    assert printed(Form(), b"x", sources=SOURCES, of=~1) == b"one/api-1/app [late] x\n"
    assert printed(Form(timestamps=True), b"a", sources=SOURCES) == f"one/api-0/app {TIME} a\n".encode()


def test_pods_of_one_name_in_two_namespaces_are_told_apart() -> None:
    sources = (SOURCES[0], LogSource(1, ONE, "shop", "api-0", "app"))
    naming = Naming(prefix=True, namespace=True)
    assert printed(Form(), b"a", sources=sources, naming=naming) == b"one/web/api-0/app a\n"
    assert printed(Form(), b"a", sources=sources, of=1, naming=naming) == b"one/shop/api-0/app a\n"


def test_late_lines_are_marked_before_their_text_and_not_where_lines_bear_no_names() -> None:
    timed = printed(Form(timestamps=True), b"x", sources=SOURCES, of=~1)
    assert timed == f"one/api-1/app {TIME} [late] x\n".encode()
    assert printed(Form(), b"x", sources=SOURCES, of=~1, naming=Naming()) == b"x\n"
    assert printed(Form(timestamps=True), b"x", sources=SOURCES, of=~1, naming=Naming()) == f"{TIME} x\n".encode()


def test_columns_stay_the_same_when_other_pods_join() -> None:
    for naming in (Naming(), Naming(prefix=True)):
        printer = LogPrinter(Form(), naming)
        printer.know(SOURCES[:1])
        first = printer.lines(([raw(AT, b"x")], [0]))
        printer.know(SOURCES)
        assert printer.lines(([raw(AT, b"x")], [0])) == first
        assert (first == b"one/api-0/app x\n") is naming.prefix


def test_include_and_exclude() -> None:
    form = Form(include=patterns("-i", ["err", "WARN"]), exclude=patterns("-e", ["ignore"]))
    assert printed(form, b"an error", b"WARN x", b"fine", b"error to ignore") == b"an error\nWARN x\n"


NUMBERS = tuple(b"line %d" % number for number in range(1, 10))


def test_lines_around_matches_are_told_apart_as_grep_does() -> None:
    form = Form(include=patterns("-i", ["2", "[68]"]), context=1)
    assert printed(form, *NUMBERS) == b"line 1\nline 2\nline 3\n--\nline 5\nline 6\nline 7\nline 8\nline 9\n"
    printer = LogPrinter(Form(include=patterns("-i", ["2", "6"]), context=1), Naming())
    printer.know(SOURCES[:1])
    pieces = [printer.lines(([raw(AT, line)], [0])) for line in NUMBERS]
    assert b"".join(pieces) == b"line 1\nline 2\nline 3\n--\nline 5\nline 6\nline 7\n", "in batches too"
    assert printed(Form(include=form.include), *NUMBERS) == b"line 2\nline 6\nline 8\n"


def test_lines_around_matches_are_of_the_same_source() -> None:
    printer = LogPrinter(Form(include=patterns("-i", ["ERR"]), context=1), Naming(prefix=True))
    printer.know(SOURCES)
    lines = ((b"a0", 0), (b"a1", 0), (b"b1", 1), (b"a ERR", 0), (b"b2", ~1), (b"a2", 0), (b"a3", 0), (b"b ERR", 1))
    batch = [raw(AT, text) for text, _ in lines], [source for _, source in lines]
    assert printer.lines(batch).decode().splitlines() == [
        "one/api-0/app a1",
        "one/api-0/app a ERR",
        "one/api-0/app a2",
        "--",
        "one/api-1/app [late] b2",
        "one/api-1/app b ERR",
    ]


def test_the_filter_of_the_logs_pane() -> None:
    form = Form(chosen=filter_of("level=error !healthz"))
    lines = (b'{"level":"error","msg":"a"}', b"level=error healthz", b"level=info", b"ts=1 level=error b")
    assert printed(form, *lines) == lines[0] + b"\n" + lines[3] + b"\n"
    assert filter_of("") is None


def test_a_filter_that_takes_too_long_is_said_and_prints_no_less_in_silence() -> None:
    with pytest.raises(UsageError, match="too slow"):
        printed(Form(chosen=filter_of(r"(\w+\s?)+#(\w+)*(\w+)*x|(a|a)*b(a|aa)+c")), b"a" * 1900)


EXPLODES = r"(\w+\s?)+#(\w+)*(\w+)*x|(a|a)*b(a|aa)+c"


@pytest.mark.parametrize("flag", ["include", "exclude"])
def test_a_pattern_that_explodes_is_given_up_and_said(flag: str) -> None:
    form = Form(include=patterns("--include", [EXPLODES] if flag == "include" else ["a"]))
    if flag == "exclude":
        form = Form(exclude=patterns("--exclude", ["b", EXPLODES]))
    with pytest.raises(UsageError, match=f"^--{flag} .*too slow"):
        printed(form, b"a" * 1900)


def test_a_highlight_that_explodes_marks_nothing_and_hides_nothing() -> None:
    (highlight,) = patterns("--highlight", [f"(?:{EXPLODES})|(?:err)"])
    assert printed(Form(highlight=highlight, colours=True), b"a" * 1900) == b"a" * 1900 + b"\n"


def test_patterns_look_at_characters_and_bytes_that_are_none_stay_what_they_are() -> None:
    (dot,) = patterns("--include", ["^.$"])
    text = "\u00e9".encode()
    assert printed(Form(include=(dot,)), text, b"\xff", b"ab") == text + b"\n\xff\n"
    marked = printed(Form(highlight=patterns("-H", ["[\u00e9]"])[0], colours=True), b"\xff" + text + b"\x80")
    assert marked == b"\xff\x1b[1;7m" + text + b"\x1b[0m\x80\n"


def test_times_are_those_of_the_zone_that_was_asked_for() -> None:
    form = Form(timestamps=True, zone=zone_of("Asia/Kolkata"))
    assert printed(form, b"a") == b"2025-11-22T06:34:09.830842202+05:30 a\n"
    assert printed(Form(timestamps=True, zone=zone_of("utc")), b"a") == f"{TIME} a\n".encode()
    here = datetime.fromisoformat(printed(Form(timestamps=True, zone=zone_of("local")), b"a").split()[0].decode())
    assert here == datetime.fromtimestamp(AT // 1000 / 1e6, UTC)
    with pytest.raises(UsageError, match="Mars/Base"):
        zone_of("Mars/Base")


def test_fields_of_lines_of_json() -> None:
    form = Form(fields=("level", "http.status", "msg"))
    line = b'{"msg":"no route","http":{"status":503},"level":"error","x":1}'
    assert printed(form, line) == b'level=error http.status=503 msg="no route"\n'
    assert printed(form, b"plain text", b'{"x":1}') == b'plain text\n{"x":1}\n', "what has none of them is not lost"
    one = json.loads(printed(Form(fields=("level",), json=True), line))
    assert one["message"] == "level=error"


def test_colours_and_highlights_only_where_they_are_wanted() -> None:
    form = Form(highlight=re.compile("err"), colours=True)
    coloured = printed(form, b"an err", sources=SOURCES, of=1)
    assert coloured == b"\x1b[33mone/api-1/app \x1b[0man \x1b[1;7merr\x1b[0m\n"
    assert printed(Form(highlight=re.compile("err")), b"an err") == b"an err\n"
    assert printed(Form(highlight=re.compile("z*"), colours=True), b"abc") == b"abc\n"


def test_a_terminal_is_not_driven_by_what_a_container_prints() -> None:
    for form in (Form(safe=True), Form(safe=True, template="{message}")):
        assert b"\x1b" not in printed(form, b"\x1b]0;title\x07")


def test_a_template() -> None:
    form = Form(template=checked("{time} {cluster}/{namespace}/{pod:>8}/{container} {{{message}}}"))
    assert printed(form, b"hi {pod}") == f"{TIME} one/web/   api-0/app {{hi {{pod}}}}\n".encode()


@pytest.mark.parametrize(
    "template",
    [
        "{nosuch}",
        "{",
        "{pod.__class__}",
        "{0}",
        "{pod!r}",
        "{pod:q}",
        "{message[0]}",
        "{message:>99999999999}",
        "{pod:.99999999999}",
        "{pod:{pod}}",
        "{pod:>\u0669\u0669\u0669\u0669\u0669\u0669}",
    ],
)
def test_a_template_that_cannot_be_filled_in(template: str) -> None:
    with pytest.raises(UsageError, match="--template"):
        checked(template)


def test_newlines_and_tabs_in_a_template_can_be_typed() -> None:
    assert printed(Form(template=checked(r"{pod}\t{message}\n--\\n")), rb"x\n") == b"api-0\tx\\n\n--\\n\n"


def test_a_template_tells_late_lines() -> None:
    form = Form(template=checked("{late:>4} {message}"))
    assert printed(form, b"in time", sources=SOURCES, of=1) == b"     in time\n"
    assert printed(form, b"too late", sources=SOURCES, of=~1) == b"late too late\n"


def test_json_lines() -> None:
    line = printed(Form(json=True), b'say "\xff"', sources=SOURCES, of=~1)
    assert json.loads(line) == {
        "cluster": "one",
        "namespace": "web",
        "pod": "api-1",
        "container": "app",
        "time": TIME,
        "message": 'say "\ufffd"',
        "late": True,
    }
    assert line.endswith(b"}\n")


def arguments(*words: str) -> argparse.Namespace:
    return parse(("logs", *words))


def test_what_words_mean() -> None:
    assert asked(words_of(arguments("a", "-f", "pod/b"))).pods == ("a", "b")
    assert asked(words_of(arguments("deploy/web", "sts/db"))).workloads == ("deploy/web", "sts/db")
    assert asked(words_of(arguments("web-.*"))).pattern == "web-.*"
    assert asked(words_of(arguments("web-[0-9]", "db-0"))).pattern == "web-[0-9]|^db\\-0$"
    query = asked(words_of(arguments("web", "--tail", "5", "-c", "x", "-c", "y", "-f"))).query((ONE,), "web")
    assert (query.tail, query.containers, query.follow) == (5, ("x", "y"), True)
    assert asked(words_of(arguments("x"))).tail is None


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("deploy/web", "pod"),
        ("deploy/web", "-l", "a=b"),
        ("deploy/web", "-A"),
        ("a/b/c",),
        ("deploy/",),
        ("",),
        ("po/",),
        ("web", ""),
        ("pods/", "-l", "app=web"),
        (" ",),
        ("web", "-c", ""),
        ("web", "-c", "app", "-c", " "),
        ("-l", ""),
        ("web", "-l", ","),
        ("[",),
        ("x", "-f", "-p"),
        ("--agents", "x"),
        ("--agents", "-n", "x"),
        ("x", "--since", "5m", "--since-time", "2026-01-01T00:00:00Z"),
        ("x", "--until", "yesterday"),
    ],
)
def test_what_makes_no_sense(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        asked(words_of(arguments(*words)))


@pytest.mark.parametrize("flag", ["--tail", "-C"])
@pytest.mark.parametrize("number", ["9" * 5000, "99999999999999999999", "-9223372036854775808", "5.0", "1_0", ""])
def test_a_number_of_lines_has_bounds(flag: str, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments("web", f"{flag}={number}")
    said = " ".join(capsys.readouterr().err.split())
    assert flag in said
    assert "expected a number of lines" in said
    assert len(said) < 3000


def test_the_largest_number_of_lines() -> None:
    assert asked(words_of(arguments("web", "--tail", str(2**63 - 1)))).tail == 2**63 - 1
    assert asked(words_of(arguments("web", "--tail", "-1"))).tail is None


def test_times() -> None:
    assert since_seconds("1h30m") == 5400
    assert moment("--until", TIME) == AT
    assert moment("--until", "") == 0
    with pytest.raises(UsageError, match="-i: not a regular expression"):
        patterns("-i", ["("])


@pytest.mark.parametrize(
    ("words", "clusters", "containers", "prefix"),
    [
        (("web-1",), 1, 1, False),
        (("web-1", "-c", "app"), 1, 3, False),
        (("web-1", "-c", "app", "-c", "proxy"), 1, 3, True),
        (("web-1",), 1, 2, True),
        (("web-1",), 2, 1, True),
        (("web-1", "web-2"), 1, 1, True),
        (("deploy/web",), 1, 1, True),
        (("web-.*",), 1, 1, True),
        (("-l", "app=web"), 1, 1, True),
        (("--agents",), 1, 1, True),
        (("web-1", "--prefix"), 1, 1, True),
        (("deploy/web", "--no-prefix"), 3, 1, False),
    ],
)
def test_what_is_asked_for_decides_whether_lines_bear_names(
    words: tuple[str, ...], clusters: int, containers: int, prefix: bool
) -> None:
    said = arguments(*words)
    query = asked(words_of(said)).query((ONE,), "web")
    assert naming_of(query, clusters, containers, said.prefix) == Naming(prefix=prefix)


def test_names_have_a_namespace_where_there_may_be_several() -> None:
    for namespace, several in (("", True), ("web,shop", True), ("web", False)):
        query = asked(words_of(arguments("x"))).query((ONE,), namespace)
        assert naming_of(query, 1, 1, None) == Naming(prefix=several, namespace=several)
    assert not naming_of(asked(words_of(arguments("--agents"))).query((ONE,), ""), 9, 1, None).namespace
