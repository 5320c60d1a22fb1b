"""Every refusal and every failure becomes a `Problem` here, with the server's own words (design: "Errors").

`problem_bodies` reads who said what, `refusals` what it means and what cures it, `failures` what went wrong where
nothing answered; this module joins them and is what the clients call.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from tui.clients.failures import problem_from_exception as problem_from_exception
from tui.clients.json_fields import JsonObject, integer
from tui.clients.problem_bodies import Said, read_body, read_status
from tui.errors import Problem, ProblemKind

_LONGEST_WAIT = 3_600.0
_BY_CLUSTER = re.compile(r"forbidden: User |is forbidden: |cannot impersonate")


def plain_url(url: str) -> str:
    """`url` without query, fragment and user: what may be shown, logged and kept."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else parts.path


def problem_from_response(
    status: int, headers: Mapping[str, str], body: bytes, *, target: str, who: str = ""
) -> Problem:
    """What a refused request means. target: its URL (the query is dropped). who: the account that asked.

    `retry_after` is taken from the headers (seconds or an HTTP date, RFC 9110 section 10.2.3; Azure's milliseconds),
    else from the body.
    """
    said = read_body(body)
    wait = retry_after(headers)
    return _problem(status, said, wait if wait is not None else said.retry_after, target, who)


def problem_from_status(status: JsonObject, *, target: str, who: str = "") -> Problem:
    """The same for a Kubernetes Status inside a stream, where no HTTP status goes with it."""
    said = read_status(status)
    return _problem(integer(status, "code") or 500, said, said.retry_after, target, who)


def _problem(status: int, said: Said, wait: float | None, target: str, who: str) -> Problem:
    from tui.clients.refusals import Refusal, explain  # a book of patterns, opened at the first refusal

    shown = plain_url(target)
    explained = explain(Refusal(status, said, shown, who))
    return Problem(explained.kind, explained.summary, said.words, explained.remedy, wait, status, shown)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks to wait, at most an hour; None where it asks for nothing it can be understood in."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if lower.get(name, "").isdigit():
            return min(int(lower[name]) / 1000, _LONGEST_WAIT)
    asked = lower.get("retry-after", "")
    if not asked:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(asked).timestamp() - time.time()
        except ValueError:
            return None
    return min(max(0.0, seconds), _LONGEST_WAIT) if seconds == seconds else None


def reach_layer(problem: Problem) -> str:
    """Which layer stood in the way, in the words of `Reach.layer`."""
    if problem.kind is ProblemKind.FORBIDDEN:
        return "RBAC" if _BY_CLUSTER.search(problem.server_words) else "IAM"
    from tui.clients.refusals import AGENT_WORDS

    if AGENT_WORDS.search(problem.server_words):
        return "agent"
    if problem.kind is ProblemKind.TIMEOUT and problem.status is not None:
        return "server"  # something answered, to say that it had waited in vain
    return _LAYERS.get(problem.kind, "server")


_LAYERS = {
    ProblemKind.SIGNED_OUT: "auth",
    ProblemKind.MISSING: "auth",
    ProblemKind.NOT_FOUND: "URL",
    ProblemKind.INVALID: "URL",
    ProblemKind.UNREACHABLE: "net",
    ProblemKind.TIMEOUT: "net",
    ProblemKind.THROTTLED: "quota",
}
