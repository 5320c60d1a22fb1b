"""What of a log's end proves that it is the end."""

from __future__ import annotations

import pytest

from tui.cli.logproof import proof

STAMP = b"2026-06-01T10:00:07.000000001Z "


@pytest.mark.parametrize(
    "text",
    [
        b"2026-06-01 12:00:07 INFO in another zone",
        b'{"ts":"2026-06-01T10:00:06.9Z","msg":"ready"}',
        b"I0601 10:00:07.123456       1 main.go:1] klog's",
        b'{"ts":1780308007.25,"msg":"zap"}',
        b'{"time":1780308007250,"msg":"pino"}',
    ],
)
def test_a_line_that_tells_its_time_is_like_no_other(text: bytes) -> None:
    assert proof(STAMP + text + b"\n") == text + b"\n"


@pytest.mark.parametrize(
    "text",
    [b"healthz ok", b"line 7", b"10:00:07 every day", b"2026-06-01 10:31:00 another time", b"", b"21780308007 bytes"],
)
def test_any_other_may_be_a_repetition(text: bytes) -> None:
    assert proof(STAMP + text + b"\n") == b""


def test_what_lacks_its_beginning_or_its_end_is_taken_as_it_is() -> None:
    own = b"2026-06-01T10:00:07Z on"
    assert proof(b"6-01T10:00:06.000000001Z a\n" + STAMP + own) == own
    assert proof(b"") == b""
