"""Sending a change to a cluster: the query every write carries, the server's warnings, and what a failure says about
whether it was made."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from tui.clients.answers import Answer
from tui.clients.json_fields import children, parse_object, text
from tui.clients.kube_transport import KubeTransport, Permitted
from tui.clients.once import LostError
from tui.clients.problem_bodies import words
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.writes import FIELD_MANAGER, Media, RefusedError, UncertainError, Write, Written

WRITE_TIMEOUT = 40.0
"""Seconds: admission webhooks may take 30 each, and the server gives a request 60 at most; a person who waits for one
change hears of it before that."""
_GAVE_UP = re.compile("timed out|timeout|deadline exceeded", re.IGNORECASE)
_WARNINGS = 50
_WARNING = re.compile(r'\s*\d{3}\s+\S+\s+"((?:[^"\\]|\\.)*)"(?:\s+"[^"]*")?\s*(?:,|$)')


async def send(transport: KubeTransport, write: Write, account: str, permitted: Permitted) -> Written:
    """Send `write`, once. permitted: of `KubeTransport.send`. Raises RefusedError where the server refused,
    UncertainError where it may have arrived and no whole answer came, another SourceError where it was not sent."""
    try:
        body = msgspec.json.encode(_body(write))
    except (TypeError, ValueError, OverflowError) as exc:
        raise SourceError(Problem(ProblemKind.INVALID, "it cannot be said in JSON", str(exc)[:500])) from exc
    try:
        answer = await transport.send(
            write.method, write.path, _query(write), body, write.media.value, permitted, timeout=WRITE_TIMEOUT
        )
    except LostError as exc:
        if write.dry:
            raise
        raise UncertainError(uncertain(exc.problem)) from exc
    return _written(answer, write, account)


def uncertain(problem: Problem) -> Problem:
    """`problem` of a write of which nobody knows whether it was made, saying so."""
    summary = f"nobody knows whether it was made: {problem.summary}; look at the object before you try again"
    return replace(problem, summary=summary)


def _written(answer: Answer, write: Write, account: str) -> Written:
    if not 200 <= answer.status < 300:
        problem = answer.problem(account)
        if not write.dry and _is_open(answer.status, problem):
            raise UncertainError(uncertain(problem))
        raise _refused(problem, answer)
    try:
        body = answer.json()
    except SourceError as exc:
        if write.dry:
            raise
        raise UncertainError(uncertain(exc.problem)) from exc
    return Written(answer.status, body, warnings_of(answer))


def _is_open(status: int, problem: Problem) -> bool:
    """Whether a refusal leaves open what became of the write: somebody on the way gave up waiting for the server, or
    the server for its store. A webhook is asked before anything is stored, so one that did not answer leaves nothing
    open."""
    if "failed calling webhook" in problem.server_words:
        return False
    return status in (502, 504) or (status == 500 and _GAVE_UP.search(problem.server_words) is not None)


def _body(write: Write) -> object:
    """What is sent. The options of a deletion are taken from its body, where it has one, and from nowhere else."""
    if write.method != "DELETE":
        return {} if write.body is None else write.body
    options = write.body if isinstance(write.body, dict) else {}
    return {"apiVersion": "v1", "kind": "DeleteOptions", **options, **({"dryRun": ["All"]} if write.dry else {})}


def _query(write: Write) -> dict[str, str | int | None]:
    query: dict[str, str | int | None] = {**write.query}
    if write.method != "DELETE":
        query["fieldManager"] = FIELD_MANAGER
        if write.media is not Media.APPLY_PATCH:  # an apply is always strict
            query.setdefault("fieldValidation", "Strict")
    if write.dry:
        query["dryRun"] = "All"
    return query


def _refused(problem: Problem, answer: Answer) -> RefusedError:
    body = parse_object(answer.body)
    if body is None:
        return RefusedError(problem)
    causes = children(body, "details", "causes")
    said = ((text(cause, "reason"), words(text(cause, "message")), text(cause, "field")) for cause in causes)
    return RefusedError(problem, tuple(said), text(body, "details", "kind"))


def warnings_of(answer: Answer) -> tuple[str, ...]:
    """The texts of the Warning headers (RFC 7234 section 5.5: `299 - "text"`, several in one header or in several)."""
    headers = answer.headers
    getall = getattr(headers, "getall", None)
    lines: list[str] = getall("Warning", []) if getall is not None else [headers.get("Warning", "")]
    found: list[str] = []
    for line in lines:
        found += [re.sub(r"\\(.)", r"\1", match) for match in _WARNING.findall(line)]
    return tuple(words(one) for one in dict.fromkeys(found))[:_WARNINGS]
