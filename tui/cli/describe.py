"""`clusterview describe KIND [NAME]`: the description that the screen shows, as text, of one or many clusters; of all
objects of the kind where none is named, as kubectl does it."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.cli.asked import Asked, asked
from tui.cli.choosing import chosen_clusters
from tui.cli.get import Wanted, documents, narrowed, resolve
from tui.cli.get import namespace_of as asked_namespace
from tui.cli.output import say
from tui.cli.session import PARTIAL, exit_code, opened, over, tell
from tui.data.beside import ask, questions
from tui.data.happenings import fold, happening, is_about, selector_of
from tui.errors import Problem, SourceError, UsageError
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


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_describe(arguments))


async def _describe(arguments: argparse.Namespace) -> int:
    targets = _asked(arguments)
    async with opened(arguments) as session:
        chosen = await chosen_clusters(session)
        now = session.clock.now()
        shown: bool = arguments.show_secrets
        width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH

        async def work(ref: ClusterRef) -> _Described:
            client = await session.clients.cluster(ref)
            gate = Gate(session.clock, AT_ONCE)
            found = _Described()

            async def text(body: Body, kind: KindRef) -> str:
                about = ObjectRef(ref, kind, namespace_of(body), name_of(body), uid_of(body))
                async with gate.passing():
                    return await text_of(client, about, body, now, width, shown=shown)

            async def one(kind: KindRef, name: str) -> list[str] | Problem:
                namespace = asked_namespace(arguments, client) if kind.namespaced else ""
                try:
                    if name:
                        bodies = [await client.body(kind, namespace, name)]
                    else:
                        listed = await narrowed(documents, client, kind, Wanted(namespace, "", arguments.selector))
                        bodies = listed.documents
                        found.unseen += [listed.unseen] if listed.unseen else []
                        found.nothing += [] if bodies else [_nothing(kind, namespace, arguments.selector)]
                except SourceError as error:
                    return error.problem
                return list(await asyncio.gather(*(text(body, kind) for body in bodies)))

            meant = await resolve(client, targets)
            for answer in await asyncio.gather(*(one(kind, name) for kind, name in meant)):
                if isinstance(answer, Problem):
                    found.problems.append(answer)
                else:
                    found.texts += answer
            return found

        answered, code = await over(chosen.clusters, work, session.clock)
        several = len(chosen.clusters) > 1
        texts = [_headed(ref, text) if several else text for ref, held in answered for text in held.texts]
        sys.stdout.write("\n\n".join(texts))
        for ref, held in answered:
            for words in (*held.nothing, *held.unseen):
                say(f"{ref.name}: {words}")
        problems = [(ref, one) for ref, held in answered for one in held.problems]
        tell(problems)
        code = code or exit_code(bool(texts), [problem for _, problem in problems])
        return chosen.exit_code(code or (PARTIAL if any(held.unseen for _, held in answered) else 0))


@dataclass(slots=True)
class _Described:
    """What one cluster answered. nothing: kinds of which there is none, in words; unseen: what was not to be seen."""

    texts: list[str] = field(default_factory=list[str])
    problems: list[Problem] = field(default_factory=list[Problem])
    nothing: list[str] = field(default_factory=list[str])
    unseen: list[str] = field(default_factory=list[str])


def _asked(arguments: argparse.Namespace) -> tuple[Asked, ...]:
    """Raises UsageError for what names an object and does not say where it is."""
    targets = asked(arguments.what, arguments.selector)
    if arguments.all_namespaces and any(one.name for one in targets):
        raise UsageError("-A goes with a kind alone: a name says nothing without its namespace")
    return targets


def _nothing(kind: KindRef, namespace: str, selector: str) -> str:
    where = f" in namespace {namespace}" if namespace else ""
    return f"there are no {kind.plural}{where}" + (f" with {selector}" if selector else "")


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
