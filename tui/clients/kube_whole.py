"""A list of whole objects from its beginning to its end, however long it is and however long reading it takes: for what
is printed, where the screens' lists (`tui.clients.kube_paging`) would do without the objects.

An API server keeps the state that a list began with for some minutes; whoever reads slower is told 410 Expired in the
middle (Kubernetes API concepts, "Retrieving large results sets in chunks"). client-go's pager then asks for all of the
list once more without a limit where it collects a list, and gives up where it hands out objects one by one, since it
cannot take back what it has handed out. Here both are wanted, bounded memory and an end: so the list goes on with the
continue token that the server sends along with the 410, if it sends one, which shows the rest as it is by now; without
one it begins anew, page by page, and what has been read is left out. Either way each object comes once, and the whole
is then of no single moment.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from typing import cast

import msgspec

from tui.clients.json_fields import child, parse_object, text
from tui.clients.kube_transport import KubeTransport
from tui.clients.problem_bodies import words
from tui.clients.problems import plain_url
from tui.clients.segments import segment
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import KindRef
from tui.model.objects import Body

WHOLE = "application/json"
FIRST_PAGE = 20
MOST_PER_PAGE = 500
"""Objects. client-go's pager asks for 500 each time; but one ConfigMap may be a megabyte, and a page is in memory as a
whole, so the first one is small and shows how large the next may be. (What nobody can know before is that small
objects are followed by large ones: such a page is as large as it is.)"""
PAGE_BYTES = 4 << 20
"""What a page after the first aims at."""

RawObject = msgspec.Raw
"""An object's JSON as it came, not yet read."""


class _ListMeta(msgspec.Struct, gc=False):
    continue_: str | None = msgspec.field(default=None, name="continue")


class _List(msgspec.Struct):
    kind: str = ""
    metadata: _ListMeta | None = None
    items: list[msgspec.Raw] | None = None


class _Meta(msgspec.Struct, gc=False):
    uid: str | None = None
    namespace: str | None = None
    name: str | None = None


class _Identified(msgspec.Struct):
    metadata: _Meta | None = None


_LIST = msgspec.json.Decoder(_List)
_IDENTIFIED = msgspec.json.Decoder(_Identified)


async def read_whole(
    transport: KubeTransport, account: str, kind: KindRef, namespace: str, labels: str
) -> AsyncGenerator[Sequence[RawObject]]:
    """The objects, each once, in pages of some megabytes. Raises SourceError, also in the middle; EXPIRED where the
    server forgets its lists faster than a page of them can be read. The uids of all are kept until the end, 150 bytes
    for each object: only with them can a list that has expired begin anew."""
    path = kind.path(segment(namespace))
    target = plain_url(transport.url(path))
    seen: set[str] = set()
    token, came = "", False  # came: something new since the list last expired
    limit = FIRST_PAGE
    while True:
        answer = await transport.get(path, WHOLE, {"labelSelector": labels, "limit": limit, "continue": token})
        if answer.status == 410 and token and came:
            token, came = _goes_on(answer.body), False
            continue
        body = answer.checked(account).body
        page, told, token = await asyncio.to_thread(_page, body, target, seen)
        limit = next_limit(limit, told, len(body))
        del answer, body
        came = came or bool(page)
        yield page
        if not token:
            return


async def read_one(
    transport: KubeTransport, account: str, kind: KindRef, namespace: str, name: str
) -> AsyncGenerator[Sequence[RawObject]]:
    """One object by its name, as a page. Raises SourceError."""
    path = kind.path(segment(namespace), segment(name))
    yield (msgspec.Raw((await transport.get(path, WHOLE)).checked(account).body),)


def read_object(raw: RawObject, kind: KindRef | None = None) -> Body:
    """The object. kind: of one from a list, which says only once what its items are. Raises SourceError (PROTOCOL)."""
    try:
        value: object = json.loads(bytes(raw))
    except (ValueError, RecursionError) as error:
        raise SourceError(Problem(ProblemKind.PROTOCOL, "the server's answer is not JSON")) from error
    if not isinstance(value, dict):
        raise SourceError(Problem(ProblemKind.PROTOCOL, "the server's answer is not an object"))
    named = {"apiVersion": kind.api, "kind": kind.kind} if kind is not None else {}
    return {**named, **cast("Body", value)}


def next_limit(limit: int, objects: int, size: int) -> int:
    """How many objects to ask for, after a page of `objects` of them in `size` bytes: at most twice as many, for
    those to come may be larger."""
    fitting = PAGE_BYTES * objects // max(size, 1)
    return max(1, min(fitting, 2 * limit, MOST_PER_PAGE)) if objects else limit


def _goes_on(refusal: bytes) -> str:
    """The token of a 410 with which the list goes on as it is by now, "" where there is none."""
    status = parse_object(refusal)
    return text(child(status, "metadata"), "continue") if status is not None else ""


def _page(body: bytes, target: str, seen: set[str]) -> tuple[list[msgspec.Raw], int, str]:
    """What of a page has not been seen, how many objects it has in all, and how the list goes on; what it holds is seen
    then."""
    try:
        page = _LIST.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable("the list cannot be read", target, str(error)) from error
    if page.items is None and not page.kind.endswith("List"):
        raise _unreadable("a list was asked for, and something else came", target)
    fresh: list[msgspec.Raw] = []
    for raw in page.items or ():
        who = _identity(raw)
        if not who or who not in seen:
            fresh.append(raw)
            seen.add(who)
    return fresh, len(page.items or ()), (page.metadata.continue_ if page.metadata is not None else None) or ""


def _identity(raw: msgspec.Raw) -> str:
    """The uid; of what has none, such as metrics, the name. "" where there is neither."""
    try:
        meta = _IDENTIFIED.decode(raw).metadata
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""  # whoever reads the object will say what is wrong with it
    if meta is None:
        return ""
    return meta.uid or (f"{meta.namespace or ''}/{meta.name}" if meta.name else "")


def _unreadable(summary: str, target: str, said: str = "") -> SourceError:
    return SourceError(Problem(ProblemKind.PROTOCOL, summary, words(said) if said else "", target=target))
