"""`clusterview fleet list`: the memberships of every configured project."""

from __future__ import annotations

import argparse
import asyncio

from msgspec import to_builtins

from tui.cli.choosing import no_match
from tui.cli.output import print_result, say
from tui.cli.session import PARTIAL, Session, opened
from tui.data.clusters import disambiguate, from_membership
from tui.errors import Problem, SourceError
from tui.model.fleet import Membership
from tui.model.patterns import cluster_filter
from tui.present.ages import age

HEADINGS = ("NAME", "PROJECT", "KIND", "LOCATION", "VERSION", "STATE", "CONTACT")


def run_list(arguments: argparse.Namespace) -> int:
    return asyncio.run(_list(arguments))


async def _list(arguments: argparse.Namespace) -> int:
    async with opened(arguments) as session:
        members, code = await memberships(session)
        members = matching(session, members)
        print_memberships(session, members)
        return code


async def memberships(session: Session) -> tuple[list[Membership], int]:
    """All memberships, and 3 where a project or location could not be asked. Raises SourceError where none could."""
    fleet = session.clients.fleet
    if isinstance(fleet, Problem):
        await session.clients.google.token()  # who is not signed in hears of that first
        raise SourceError(fleet)
    pages = await asyncio.gather(*(fleet.memberships(project) for project in session.projects), return_exceptions=True)
    members: list[Membership] = []
    failures: list[SourceError] = []
    unreachable: list[str] = []
    for project, page in zip(session.projects, pages, strict=True):
        if isinstance(page, SourceError):
            failures.append(page)
            say(f"{project}: {page}")
        elif isinstance(page, BaseException):
            raise page
        else:
            members.extend(page.memberships)
            unreachable.extend(page.unreachable)
    if failures and len(failures) == len(pages):
        raise failures[0]
    for location in unreachable:
        say(f"{location}: unreachable; its memberships are not in this list")
    return members, PARTIAL if failures or unreachable else 0


def matching(session: Session, members: list[Membership]) -> list[Membership]:
    """Those that `--cluster` chooses. Raises UsageError where it chooses none of them."""
    patterns = session.settings.clusters
    if not patterns or not members:
        return members
    wanted = cluster_filter(patterns)
    refs = {ref.key: ref for ref in disambiguate(map(from_membership, members))}
    chosen = [member for member in members if wanted(refs[member.key].name)]
    if not chosen:
        raise no_match(patterns, refs.values())
    return chosen


def print_memberships(session: Session, members: list[Membership]) -> None:
    now = session.clock.now()
    print_result(
        session.form,
        headings=HEADINGS,
        rows=[_row(member, now) for member in members],
        documents=[to_builtins(member) for member in members],
        names=[member.name for member in members],
        nothing="No memberships in " + (", ".join(session.projects) or "any project") + ".",
    )


def _row(member: Membership, now: float) -> tuple[str, ...]:
    contact = age(now - member.last_connection) if member.last_connection is not None else "–"
    return (
        member.id,
        member.project,
        member.kind.value,
        member.location,
        member.version or "–",
        member.state or "–",
        contact if member.uses_agent else "–",
    )
