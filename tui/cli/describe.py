"""`clusterview describe KIND [NAME]`: the description that the screen shows, as text, of one or many clusters; of all
objects of the kind where none is named, as kubectl does it, written as they come."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING

from tui.cli.asked import Asked, asked
from tui.cli.choosing import chosen_clusters
from tui.cli.logout import Output
from tui.cli.meant import Wanted
from tui.cli.output import say
from tui.cli.session import opened
from tui.cli.wholelists import Piece
from tui.cli.wholereading import Reading
from tui.clients.kube_whole import read_object
from tui.clock import Clock
from tui.data.beside import ask, questions
from tui.data.happenings import fold, happening, is_about, selector_of
from tui.errors import SourceError, UsageError
from tui.model.bodies import name_of, namespace_of, uid_of
from tui.model.builtin import EVENTS
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import KindRef
from tui.model.objects import Body, Happening, ObjectRef
from tui.present.clean import clean
from tui.present.describe.kinds import description
from tui.present.describe.page import plain, setting
from tui.waits import Gate

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

WIDTH = 100
"""Columns of the text where there is no terminal to fit."""
AT_ONCE = 8
"""Objects of one cluster that are described at a time: each costs some requests."""
PIECE = 8 * AT_ONCE
"""Objects that are described before they are printed."""


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_describe(arguments))


async def _describe(arguments: argparse.Namespace) -> int:
    targets = _asked(arguments)
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)
        describing = _Describing(session.clock, arguments.show_secrets)
        reading = Reading(session, arguments, targets, describing.texts, PIECE)
        output = Output()
        several, apart = len(chosen.clusters) > 1, ""
        async with aclosing(reading.results(chosen.clusters)) as results:
            async for ref, texts in results:
                for text in texts:
                    await output.write((apart + (_headed(ref, text) if several else text)).encode("utf-8", "replace"))
                    apart = "\n\n"
        await output.flush()
        for ref, kind, wanted in reading.told.empty:
            say(f"{ref.name}: {_nothing(kind, wanted)}")
        return chosen.exit_code(reading.finish())


class _Describing:
    """Makes the descriptions of what is read."""

    def __init__(self, clock: Clock, shown: bool) -> None:
        self._now = clock.now()
        self._shown = shown
        self._clock = clock
        self._gates: dict[str, Gate] = {}
        self._width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH

    async def texts(self, piece: Piece) -> list[str]:
        """Of some objects of one list, in their order."""
        bodies = await asyncio.to_thread(lambda: [read_object(raw, piece.listed) for raw in piece.objects])
        gate = self._gates.setdefault(piece.ref.key, Gate(self._clock, AT_ONCE))

        async def one(body: Body) -> str:
            about = ObjectRef(piece.ref, piece.kind, namespace_of(body), name_of(body), uid_of(body))
            async with gate.passing():
                return await text_of(piece.client, about, body, self._now, self._width, shown=self._shown)

        return await asyncio.gather(*map(one, bodies))


def _asked(arguments: argparse.Namespace) -> tuple[Asked, ...]:
    """Raises UsageError for what names an object and does not say where it is."""
    targets = asked(arguments.what, arguments.selector)
    if arguments.all_namespaces and any(one.name for one in targets):
        raise UsageError("-A goes with a kind alone: a name says nothing without its namespace")
    return targets


def _nothing(kind: KindRef, wanted: Wanted) -> str:
    where = f" in namespace {wanted.namespace}" if wanted.namespace else ""
    return f"there are no {kind.plural}{where}" + (f" with {wanted.labels}" if wanted.labels else "")


def _headed(ref: ClusterRef, text: str) -> str:
    return f"cluster {clean(ref.name, 80)}\n{text}"


async def text_of(client: KubeClient, ref: ObjectRef, body: Body, now: float, width: int, *, shown: bool) -> str:
    """The description of one object. What beside it is refused is said in its place."""
    beside, happened = await asyncio.gather(ask(client, questions(body)), _events(client, ref, now))
    blocks = description(body, happened, now, beside=beside, shown=shown)
    return plain(setting(blocks, width)) + "\n"


async def _events(client: KubeClient, ref: ObjectRef, now: float) -> Feed[tuple[Happening, ...]]:
    found: list[Happening] = []
    try:
        async for page in client.body_pages(EVENTS, namespace=ref.namespace, fields=selector_of(ref)):
            found += [happening(event) for event in page.items if is_about(event, ref)]
    except SourceError as error:
        return Feed(problem=error.problem)
    return Feed(fold(found), now)
