"""Where a session goes on whose pod has gone: by whom it is followed, and the command that leads there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.streams.fakecluster import SET, FakeCluster, pod
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.kube import KindRef
from tui.model.objects import Body, BodyPage
from tui.streams.containers import SHELL
from tui.streams.gone import if_gone
from tui.streams.paths import Command, Place

REFUSED = Problem(ProblemKind.INVALID, "the server answered 400", "container not found")
IN_A = Command(Place("web", "a", "app"), SHELL, stdin=True, tty=True)
LISTED = "clusterview get pods -n web --cluster eu"
STATEFUL: Body = {"kind": "StatefulSet", "metadata": {"name": "db"}}
DAEMONS: Body = {
    "kind": "DaemonSet",
    "metadata": {"name": "agent"},
    "spec": {"selector": {"matchLabels": {"app": "x"}}},
}
UNKNOWN: Body = {"kind": "Rollout", "metadata": {"name": "own"}}


def of(owner: Body | None, name: str = "b", **others: Any) -> Body:
    made = pod(name, owner, **others)
    made["metadata"]["namespace"] = "web"
    made["spec"] = {"nodeName": "n", "containers": [{"name": "app"}]}
    return made


def elsewhere(body: Body) -> Body:
    return {**body, "spec": {**body["spec"], "nodeName": "m"}}


def entering(name: str, more: str = "") -> str:
    return f"clusterview exec {name} -n web --cluster eu --write -c app{more}"


@pytest.mark.parametrize(
    ("owner", "there", "words", "remedy"),
    [
        (None, [of(None)], ", and nobody makes another", LISTED),
        (SET, [of(SET)], "; deployment shop has pod b", entering("b")),
        (SET, [of(SET, ready=False)], "; deployment shop has pod b, which is not ready", entering("b")),
        (SET, [of(SET, ready=False), of(SET, "c")], "; deployment shop has pod c", entering("c")),
        (SET, [], ", and deployment shop has no other", LISTED),
        (SET, [of(SET, deletionTimestamp="2026-01-01T00:00:00Z")], ", and deployment shop has no other", LISTED),
        (STATEFUL, [], "; statefulset db makes one of the same name", entering("a")),
        (DAEMONS, [elsewhere(of(DAEMONS)), of(DAEMONS, "c")], "; daemonset agent has pod c", entering("c")),
        (DAEMONS, [elsewhere(of(DAEMONS))], ", and daemonset agent has no other", LISTED),
        (UNKNOWN, [of(UNKNOWN)], "; its owner may have made another", LISTED),
    ],
    ids=[
        "nobody",
        "set",
        "not ready",
        "the ready one",
        "none",
        "leaving",
        "stateful",
        "same node",
        "other node",
        "own",
    ],
)
async def test_a_pod_that_is_gone_is_followed(owner: Body | None, there: list[Body], words: str, remedy: str) -> None:
    cluster = FakeCluster(*there)
    cluster.others["DaemonSet", "agent"] = DAEMONS
    said = await if_gone(cluster, of(owner, "a"), IN_A, "eu", REFUSED)
    assert (said.summary, said.remedy) == (f"pod a is gone{words}", remedy)
    assert (said.kind, said.server_words) == (REFUSED.kind, REFUSED.server_words)


async def test_one_that_is_there_was_refused_for_another_reason() -> None:
    assert await if_gone(FakeCluster(of(SET, "a")), of(SET, "a"), IN_A, "eu", REFUSED) is REFUSED


class Mute(FakeCluster):
    """Where one may see some things and not others."""

    def __init__(self, *refused: str) -> None:
        super().__init__()
        self._refused = refused

    def _ask(self, verb: str) -> None:
        if verb in self._refused:
            raise SourceError(Problem(ProblemKind.FORBIDDEN, "not you", status=403))

    async def exists(self, kind: KindRef, namespace: str, name: str) -> bool:
        self._ask("get pods")
        return await super().exists(kind, namespace, name)

    async def body(self, kind: KindRef, namespace: str, name: str) -> Body:
        self._ask(f"get {kind.plural}")
        return await super().body(kind, namespace, name)

    async def body_pages(
        self, kind: KindRef, *, namespace: str = "", labels: str = "", fields: str = "", limit: int = 200
    ) -> AsyncIterator[BodyPage]:
        self._ask("list pods")
        yield BodyPage(())


@pytest.mark.parametrize("refused", ["get deployments", "get replicasets", "list pods"])
async def test_what_may_not_be_seen_is_not_made_up(refused: str) -> None:
    said = await if_gone(Mute(refused), of(SET, "a"), IN_A, "eu", REFUSED)
    assert (said.summary, said.remedy) == ("pod a is gone; its owner may have made another", LISTED)


async def test_who_may_not_look_is_told_what_the_server_said() -> None:
    assert await if_gone(Mute("get pods"), of(SET, "a"), IN_A, "eu", REFUSED) is REFUSED


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (Command(Place("web", "a", "app"), ("sh", "-c", "a b"), tty=True, stdin=True), " -i -t -- sh -c 'a b'"),
        (Command(Place("web", "a", "app"), ("top",)), " -- top"),
        (Command(Place("web", "a", "app"), (), tty=True, stdin=True), " -i -t"),
    ],
    ids=["exec", "without a terminal", "attach"],
)
async def test_the_command_that_leads_there_does_the_same(command: Command, line: str) -> None:
    said = await if_gone(FakeCluster(of(SET)), of(SET, "a"), command, "eu", REFUSED)
    assert said.remedy == entering("b", line).replace("exec", command.subresource)


async def test_a_container_that_the_next_one_has_not_is_left_out() -> None:
    other = of(SET)
    other["spec"]["containers"] = [{"name": "other"}]
    said = await if_gone(FakeCluster(other), of(SET, "a"), IN_A, "eu", REFUSED)
    assert said.remedy == entering("b").removesuffix(" -c app")
