"""`clusterview describe KIND NAME`: the description that the screen shows, as text, of one or many clusters."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from typing import TYPE_CHECKING

from tui.cli.asked import Asked, asked
from tui.cli.choosing import chosen_clusters
from tui.cli.get import namespace_of, resolve
from tui.cli.session import exit_code, opened, over, tell
from tui.data.beside import ask, questions
from tui.data.happenings import fold, happening, is_about, selector_of
from tui.errors import Problem, SourceError, UsageError
from tui.model.bodies import uid_of
from tui.model.builtin import EVENTS
from tui.model.cluster import ClusterRef
from tui.model.feed import Feed
from tui.model.kube import KindRef
from tui.model.objects import Happening, ObjectRef
from tui.present.clean import clean
from tui.present.describe.kinds import description
from tui.present.describe.page import plain, setting

if TYPE_CHECKING:
    from tui.clients.kube import KubeClient

WIDTH = 100
"""Columns of the text where there is no terminal to fit."""
Described = list[str | Problem]


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_describe(arguments))


async def _describe(arguments: argparse.Namespace) -> int:
    targets = _named(arguments)
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)
        now = session.clock.now()
        shown: bool = arguments.show_secrets
        width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH

        async def work(ref: ClusterRef) -> Described:
            client = await session.clients.cluster(ref)

            async def one(kind: KindRef, name: str) -> str | Problem:
                namespace = namespace_of(arguments, client) if kind.namespaced else ""
                wanted = ObjectRef(ref, kind, namespace, name)
                try:
                    return await text_of(client, wanted, now, width, shown=shown)
                except SourceError as error:
                    return error.problem

            meant = await resolve(client, targets)
            return list(await asyncio.gather(*(one(kind, name) for kind, name in meant)))

        answered, code = await over(chosen.clusters, work, session.clock)
        texts = [(ref, one) for ref, held in answered for one in held if isinstance(one, str)]
        problems = [(ref, one) for ref, held in answered for one in held if isinstance(one, Problem)]
        several = len(chosen.clusters) > 1
        sys.stdout.write("\n\n".join(_headed(ref, text) if several else text for ref, text in texts))
        tell(problems)
        return chosen.exit_code(code or exit_code(bool(texts), [problem for _, problem in problems]))


def _named(arguments: argparse.Namespace) -> tuple[Asked, ...]:
    """Raises UsageError where no object is named: a description of all would be no description."""
    targets = asked(arguments.what)
    nameless = next((one for one in targets if not one.name), None)
    if nameless is not None:
        raise UsageError(f"name the object: describe {nameless.kind} NAME, or describe {nameless.kind}/NAME")
    return targets


def _headed(ref: ClusterRef, text: str) -> str:
    return f"cluster {clean(ref.name, 80)}\n{text}"


async def text_of(client: KubeClient, ref: ObjectRef, now: float, width: int, *, shown: bool) -> str:
    """The description of one object. What beside it is refused is said in its place; raises SourceError only where the
    object itself cannot be read."""
    body = await client.body(ref.kind, ref.namespace, ref.name)
    about = ObjectRef(ref.cluster, ref.kind, ref.namespace, ref.name, uid_of(body))
    beside, happened = await asyncio.gather(ask(client, questions(body)), _events(client, about, now))
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
