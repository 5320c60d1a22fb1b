"""The five lights before a stream through the gateway, on the command line: nothing is said where all is well."""

from __future__ import annotations

import argparse

from tui.cli.session import Session
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.cluster import ClusterRef
from tui.model.preflight import Preflight
from tui.streams.preflight import look


async def checked(
    session: Session, ref: ClusterRef, stream: str, namespace: str, arguments: argparse.Namespace
) -> None:
    """Raises SourceError where the stream would be refused, with what cures it. That it has to wait is said when it
    does (`say_queued`)."""
    if not ref.limited or arguments.no_preflight:
        return
    found = await look(await session.clients.stream_facts(ref), stream, namespace)
    if found.bad:
        raise SourceError(refusal(found))


def refusal(found: Preflight) -> Problem:
    """What the bad lights say, as one problem."""
    words = "; ".join(light.words for light in found.bad)
    remedy = "\n".join(light.remedy for light in found.bad if light.remedy)
    return Problem(
        ProblemKind.FORBIDDEN, f"{words} (found before it was opened; --no-preflight tries all the same)", remedy=remedy
    )
