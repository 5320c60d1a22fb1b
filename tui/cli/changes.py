"""The commands that change something: objects found, the change planned and tried, shown, confirmed, carried out.

`--dry-run` needs no `--write`: the server stores nothing of what it is asked for with it, and who types it has said
what is wanted. What the configuration makes read-only stays so for both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec.structs import replace

from tui.changes.desk import Desk
from tui.cli.asked import Asked
from tui.cli.carrying import carried_out, plan_result
from tui.cli.choosing import named_one_by_one, written_clusters
from tui.cli.confirming import confirm, show
from tui.cli.counting import counting
from tui.cli.history import tell_history
from tui.cli.session import Session, opened, over
from tui.cli.targets import split, targets
from tui.cli.writing import needs_write
from tui.errors import Problem, ProblemKind, SourceError, UsageError
from tui.model.changes import Action, Wish
from tui.model.cluster import ClusterRef
from tui.model.objects import ObjectRef

AS_LONG_AS_IT_RUNS = 7 * 24 * 60.0
"""Minutes; a drain of many nodes may take hours."""
LARGEST = 64 * 1024 * 1024
"""Bytes of a manifest that are read."""


def run(arguments: argparse.Namespace) -> int:
    return asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> int:
    args, found = _asked_for(arguments)
    async with at_desk(arguments) as (session, desk):
        chosen = await written_clusters(session)
        action = Action(arguments.action)
        if action is Action.APPLY:
            return chosen.exit_code(await change(session, desk, Wish(action, (), args, chosen.clusters), arguments))

        async def find(ref: ClusterRef) -> list[ObjectRef]:
            return await targets(arguments, await session.clients.cluster(ref), ref, found)

        answered, code = await over(chosen.clusters, find, session.clock)
        refs = tuple(ref for _, refs in answered for ref in refs)
        if not refs:
            if code == 0:
                raise SourceError(Problem(ProblemKind.NOT_FOUND, "no object matches: nothing is changed"))
            return code
        return chosen.exit_code(await change(session, desk, Wish(action, refs, args), arguments) or code)


@asynccontextmanager
async def at_desk(arguments: argparse.Namespace) -> AsyncGenerator[tuple[Session, Desk]]:
    """A session and its desk, unlocked. Raises SourceError where neither --write nor --dry-run was given."""
    if not arguments.dry_run:
        needs_write(arguments, "--dry-run", "--write")
    from tui.wiring import change_settings

    async with opened(arguments) as session:
        clients, settings = session.clients, change_settings(session.settings, os.environ)
        settings = replace(settings, minutes=AS_LONG_AS_IT_RUNS)  # --write is for this one run, and ends with it
        desk = Desk(clients.cluster, session.clock, settings, clients.names)
        try:
            desk.unlock()
            yield session, desk
        finally:
            await desk.stop()


async def change(session: Session, desk: Desk, wish: Wish, arguments: argparse.Namespace) -> int:
    """Plan, show, ask, carry out, print; the exit code."""
    with counting("planned", sys.stderr) as tell:
        plan = await desk.plan(wish, tell)
    if arguments.dry_run:
        code = plan_result(session, plan)
        await tell_history(desk, plan, session.clock.now())
        return code
    show(plan, sys.stderr)
    await tell_history(desk, plan, session.clock.now())
    if not plan.ready:
        return plan_result(session, plan, shown=True)
    confirm(plan, yes=arguments.yes, typed=arguments.yes_production, named=named_one_by_one(session))
    return await carried_out(session, desk, plan)


def _asked_for(arguments: argparse.Namespace) -> tuple[dict[str, str], tuple[Asked, ...]]:
    """The arguments of the wish, and the objects that were named. Raises UsageError."""
    if arguments.action == Action.APPLY:
        force = {"force": "true"} if arguments.force_conflicts else {}
        namespace = {"namespace": arguments.namespace} if arguments.namespace else {}
        return {"manifest": _manifest(arguments.filename), **force, **namespace}, ()
    found, pairs = split(arguments)
    return _args(arguments, pairs), found


def _args(arguments: argparse.Namespace, pairs: list[str]) -> dict[str, str]:
    given = vars(arguments)
    match arguments.action:
        case "label" | "annotate":
            cut = [word.partition("=") for word in pairs]
            read = {key if equals else key[:-1]: value if equals else None for key, equals, value in cut}
            return {"pairs": json.dumps(read, ensure_ascii=False)}
        case "set-image":
            return {"images": ",".join(pairs)}
        case "delete":
            return {"propagation": given["cascade"], "grace": given["grace_period"]}
        case "drain":
            flags = {name: "true" for name in ("force", "delete_emptydir_data") if given[name]}
            waits = {"grace": given["grace_period"], "timeout": given["timeout"]}
            return waits | {name.replace("_", "-"): "true" for name in flags}
        case "scale":
            return {"replicas": given["replicas"]}
        case "undo-rollout":
            return {"revision": given["to_revision"]}
        case "trigger":
            return {"name": given["name"]}
        case _:
            return {}


def _manifest(names: list[str]) -> str:
    """The files one after the other, as documents. Raises UsageError."""
    return "\n---\n".join(_read(name) for name in names)


def _read(name: str) -> str:
    try:
        content = sys.stdin.buffer.read(LARGEST + 1) if name == "-" else _file(Path(name))
        text = content.decode()
    except OSError as error:
        raise UsageError(f"-f {name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"-f {name}: is no text in UTF-8") from error
    if len(content) > LARGEST:
        raise UsageError(f"-f {name}: larger than {LARGEST >> 20} MB")
    return text


def _file(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)
