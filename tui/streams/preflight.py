"""Finding out what would stand in the way of a stream before it costs one of the ten slots.

Source: "Before you begin" and "Troubleshoot" of the Connect gateway's page on exec, attach, cp and port-forward (facts:
section 3). The rules are pure; `look` asks the questions, all at once, and takes no answer for "unknown".
"""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Awaitable
from typing import Protocol, TypeVar

from msgspec import Struct

from tui.errors import Problem, ProblemKind, SourceError
from tui.model.preflight import Light, Preflight, Shade
from tui.model.streamrules import CALLED, SINCE, granting

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds for which an answer is waited for."""
PERMISSION = "gkehub.gateway.stream"
CREATE_SINCE = (1, 35)
"""From this version on `create` on the sub-resource is wanted beside `get`."""
_NEW = {"exec": "v5.channel.k8s.io", "attach": "v5.channel.k8s.io", "portforward": "SPDY/3.1 in a WebSocket"}
_OLD = {
    "exec": "v4.channel.k8s.io",
    "attach": "v4.channel.k8s.io",
    "portforward": "v4.channel.k8s.io, a stream for each connection",
}
_VERSION = re.compile(r"v?(\d+)\.(\d+)")


class Facts(Protocol):
    """What can be asked of a road to a cluster. Every method raises SourceError."""

    @property
    def account(self) -> str:
        """Who asks, "" where that is not known."""
        ...

    @property
    def project(self) -> str:
        """The fleet host project whose gateway is the road; "" on any other road."""
        ...

    async def slots(self) -> tuple[int, int] | None:
        """How many more streams may be opened now, of how many at once; None where there is no end of them."""
        ...

    async def version(self) -> str: ...

    async def granted(self, permission: str) -> bool:
        """Whether the caller holds an IAM permission on the project."""
        ...

    async def may(self, verb: str, subresource: str, namespace: str) -> bool:
        """Whether RBAC allows `verb` on `pods/subresource`."""
        ...


class Evidence(Struct, frozen=True):
    """What was found out. Problems stand for answers that did not come."""

    version: str | Problem
    granted: bool | Problem | None
    get: bool | Problem
    create: bool | Problem
    slots: tuple[int, int] | Problem | None
    project: str
    account: str


async def look(facts: Facts, stream: str, namespace: str) -> Preflight:
    """The five lights for a stream in `namespace`. Never raises for what could not be found out."""
    version, granted, get, create, slots = await asyncio.gather(
        _answer(facts.version()),
        _answer(facts.granted(PERMISSION)) if facts.project else _nothing(),
        _answer(facts.may("get", stream, namespace)),
        _answer(facts.may("create", stream, namespace)),
        _answer(facts.slots()),
    )
    evidence = Evidence(version, granted, get, create, slots, facts.project, facts.account)
    return Preflight(stream, lights(stream, namespace, evidence))


def lights(stream: str, namespace: str, seen: Evidence) -> tuple[Light, ...]:
    """What the evidence says."""
    return (
        _version(stream, seen),
        _protocol(stream, seen),
        _iam(seen),
        _rbac(stream, namespace, seen),
        _slot(seen),
    )


def _version(stream: str, seen: Evidence) -> Light:
    if isinstance(seen.version, Problem):
        return Light("version", Shade.UNKNOWN, f"the cluster's version is not known: {seen.version.summary}")
    number = _number(seen.version)
    since = SINCE[stream]
    if number is None or not seen.project:
        return Light("version", Shade.GOOD if number else Shade.UNKNOWN, f"the cluster is {seen.version}")
    if number < since:
        words = f"the cluster is {seen.version}; the gateway passes {CALLED[stream]} from {_dotted(since)} on"
        return Light("version", Shade.BAD, words, f"upgrade the cluster to {_dotted(since)} or later")
    return Light("version", Shade.GOOD, f"the cluster is {seen.version}, at least {_dotted(since)}")


def _protocol(stream: str, seen: Evidence) -> Light:
    number = None if isinstance(seen.version, Problem) else _number(seen.version)
    if number is not None and number < SINCE[stream]:
        older = "" if stream == "portforward" else ", which cannot say that stdin has ended"
        return Light("protocol", Shade.GOOD, f"{_OLD[stream]}{older}")
    return Light("protocol", Shade.GOOD if number else Shade.UNKNOWN, f"we speak {_NEW[stream]}")


def _iam(seen: Evidence) -> Light:
    if not seen.project:
        return Light("IAM", Shade.NONE, "not asked on this road")
    if isinstance(seen.granted, Problem) or seen.granted is None:
        why = f": {seen.granted.summary}" if isinstance(seen.granted, Problem) else ""
        return Light("IAM", Shade.UNKNOWN, f"{PERMISSION}: not known{why}")
    if seen.granted:
        return Light("IAM", Shade.GOOD, f"{PERMISSION} on {seen.project}")
    who = seen.account
    kind = "serviceAccount" if who.endswith(".gserviceaccount.com") else "user"
    member = shlex.quote(f"{kind}:{who}") if who else '"user:$(gcloud config get account)"'
    return Light(
        "IAM",
        Shade.BAD,
        f"{who or 'this account'} lacks {PERMISSION} on {seen.project}",
        f"gcloud projects add-iam-policy-binding {shlex.quote(seen.project)} --member={member} "
        "--role=roles/gkehub.gatewayAdmin",
    )


def _rbac(stream: str, namespace: str, seen: Evidence) -> Light:
    number = None if isinstance(seen.version, Problem) else _number(seen.version)
    wanted = (
        {"get": seen.get} if number is not None and number < CREATE_SINCE else {"get": seen.get, "create": seen.create}
    )
    lacking = [verb for verb, answer in wanted.items() if answer is False]
    if lacking:
        return Light(
            "RBAC",
            Shade.BAD,
            f"{seen.account or 'this account'} lacks {' and '.join(lacking)} on pods/{stream} in namespace {namespace}",
            granting(stream, namespace, seen.account),
        )
    unknown = next((answer for answer in wanted.values() if isinstance(answer, Problem)), None)
    if unknown is not None:
        return Light("RBAC", Shade.UNKNOWN, f"pods/{stream}: not known: {unknown.summary}")
    return Light("RBAC", Shade.GOOD, f"{' and '.join(wanted)} on pods/{stream}")


def _slot(seen: Evidence) -> Light:
    if seen.slots is None:
        return Light("slot", Shade.NONE, "no end of streams on this road")
    if isinstance(seen.slots, Problem):
        return Light("slot", Shade.UNKNOWN, f"how many of our streams are free is not known: {seen.slots.summary}")
    free, share = seen.slots
    if free:
        return Light("slot", Shade.GOOD, f"{free} of our {share} streams free")
    return Light("slot", Shade.WAIT, f"all our {share} streams are open: it waits for one to end")


def _number(version: str) -> tuple[int, int] | None:
    found = _VERSION.match(version)
    return (int(found[1]), int(found[2])) if found else None


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


async def _nothing() -> None:
    return None


async def _answer(asked: Awaitable[T]) -> T | Problem:
    try:
        async with asyncio.timeout(PATIENCE):
            return await asked
    except TimeoutError:
        return Problem(ProblemKind.TIMEOUT, f"no answer within {PATIENCE:.0f} s")
    except SourceError as exc:
        return exc.problem
