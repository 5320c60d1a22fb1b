"""Reading what a change starts from: objects and their neighbours, whole, as the server has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from tui.changes.drafts import path_of
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.bodies import items, text
from tui.model.kube import KindRef
from tui.model.objects import Body, ObjectRef
from tui.model.writes import ChangePort

LISTED = 500
"""Objects of one page."""


async def read_object(port: ChangePort, ref: ObjectRef, subresource: str = "") -> Body:
    """The object, or one of its sub-resources. Raises SourceError; CONFLICT where another object has taken its name."""
    body = decode(await port.get(path_of(ref, subresource)), ref.title)
    uid = text(body, "metadata", "uid")
    if ref.uid and uid and uid != ref.uid:
        summary = f"another object is named {ref.title} now: the one that was chosen is gone"
        raise SourceError(Problem(ProblemKind.CONFLICT, summary, target=ref.title))
    return body


async def read_if_there(port: ChangePort, ref: ObjectRef) -> Body | None:
    """The object, None where there is none."""
    try:
        return await read_object(port, ref)
    except SourceError as error:
        if error.problem.kind is ProblemKind.NOT_FOUND and error.problem.status == 404:
            return None
        raise


async def read_list(port: ChangePort, kind: KindRef, namespace: str, query: Mapping[str, str]) -> list[Body]:
    """Every object that the query chooses."""
    found: list[Body] = []
    token = ""
    while True:
        asked = {**query, "limit": str(LISTED), **({"continue": token} if token else {})}
        body = decode(await port.get(f"{kind.path(quote(namespace, safe=''))}?{urlencode(asked)}"), kind.plural)
        found += items(body, "items")
        token = text(body, "metadata", "continue")
        if not token:
            return found


def decode(content: bytes, target: str) -> Body:
    """Raises SourceError (PROTOCOL) for what is no JSON object."""
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        summary = "the server's answer is not the JSON object it should be"
        raise SourceError(Problem(ProblemKind.PROTOCOL, summary, target=target)) from error
