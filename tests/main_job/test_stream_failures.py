"""The ways in which a stream through the gateway fails, each for exec, attach, cp and port-forward: what stands in the
way is named with what cures it, before anything is opened where that can be known, else from the refusal itself.

The commands run in this process, over real sockets, against a simulator of their own in another.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SimProcess
from tui.cli.main import main

POD = "orders-db-0"
WHO = "ana@example.com"
NOTE = "found before it was opened; --no-preflight tries all the same"
SUBRESOURCE = {"exec": "exec", "attach": "attach", "cp to": "exec", "cp from": "exec", "port-forward": "portforward"}
"""What is typed, and the sub-resource of pods that it asks for; a copy is an exec of tar."""
CALLED = {"exec": "exec", "attach": "attach", "portforward": "port-forward"}
SINCE = {"exec": "1.30", "attach": "1.30", "portforward": "1.31"}
GRANTING = (
    "kubectl create clusterrole clusterview-{stream} --verb=get,create --resource=pods/{stream} && kubectl create "
    f"rolebinding clusterview-{{stream}} --clusterrole=clusterview-{{stream}} --user={WHO} -n web"
)
BINDING = f"gcloud projects add-iam-policy-binding {{project}} --member=user:{WHO} --role=roles/gkehub.gatewayAdmin"


@dataclass(frozen=True)
class Failure:
    """cluster: of the scenario `streams`. cause, words, fix: what is said of a refusal: ours, the server's, the cure.
    light, cure: what is said before it is opened; "" where nobody can know it then. of: the streams that fail."""

    cluster: str
    cause: str
    words: str
    fix: str
    light: str = ""
    cure: str = ""
    of: tuple[str, ...] = ("exec", "attach", "portforward")


FAILURES = {
    "IAM": Failure(
        "vault",
        f"IAM: {WHO} lacks gkehub.gateway.stream on project 702233445566",
        "generic::permission_denied: Permission 'gkehub.gateway.stream' denied on resource",
        BINDING.format(project="702233445566"),
        f"{WHO} lacks gkehub.gateway.stream on acme-locked",
        BINDING.format(project="acme-locked"),
    ),
    "RBAC": Failure(
        "shop-us",
        f"RBAC: {WHO} lacks get or create on pods/{{stream}} in namespace web",
        "generic::failed_precondition: failed to connect to the cluster's API Server with response (status=403 Forb",
        GRANTING,
        f"{WHO} lacks get on pods/{{stream}} in namespace web",
        GRANTING,
    ),
    "quota": Failure(
        "market",
        "all 10 streams of the fleet host project are in use",
        "generic::resource_exhausted: Quota exceeded",
        "ask for more of the quota connectgateway.googleapis.com/active_streams",
    ),
    "agent inside": Failure(
        "plant-1",
        "the connect agent could not open the stream inside the cluster",
        "generic::failed_precondition: error encountered within the cluster",
        "kubectl logs -n gke-connect -l app=gke-connect-agent --tail=-1 | "
        "grep 'failed to create the websocket connection'",
    ),
    "agent link": Failure(
        "plant-2",
        "the link between the cluster and Google failed",
        "generic::failed_precondition: connection to the agent failed",
        "kubectl -n gke-connect get pods -l app=gke-connect-agent",
    ),
    "too old": Failure(
        "museum",
        "the cluster does not speak {called} over WebSocket: it must be Kubernetes {since} or later",
        "(status=403 Forbidden, body=)",
        "kubectl version  (then upgrade the cluster)",
        "the cluster is v1.29.9; the gateway passes {called} from {since} on",
        "upgrade the cluster to {since} or later",
    ),
    "too old for one": Failure(
        "attic",
        "the cluster does not speak port-forward over WebSocket: it must be Kubernetes 1.31 or later",
        "(status=403 Forbidden, body=)",
        "kubectl version  (then upgrade the cluster)",
        "the cluster is v1.30.9; the gateway passes port-forward from 1.31 on",
        "upgrade the cluster to 1.31 or later",
        of=("portforward",),
    ),
}


def cases(*, foreseen: bool | None = None) -> Iterator[Any]:
    """Each failure with what is typed. foreseen: only those that can be known before, or cannot."""
    for name, failure in FAILURES.items():
        for typed, stream in SUBRESOURCE.items():
            if stream in failure.of and foreseen in (None, bool(failure.light)):
                yield pytest.param(failure, typed, id=f"{name}, {typed}")


WORKING = [
    pytest.param(cluster, typed, id=f"{cluster}, {typed}")
    for cluster, streams in {"shop-eu": {"exec", "portforward"}, "attic": {"exec"}}.items()
    for typed, stream in SUBRESOURCE.items()
    if stream in streams and typed != "port-forward"  # one that works does not end by itself
]


class Desk:
    """Somebody who types commands, and what the simulator was asked then."""

    def __init__(self, sim: SimProcess, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.sim = sim
        self._home = home
        self._capfd = capfd
        (home / "file").write_text("here\n")

    def meaning(self, cluster: str) -> tuple[str, ...]:
        """What is typed to mean a cluster."""
        return "--cluster", cluster

    def type(self, typed: str, cluster: str, *flags: str) -> tuple[int, str]:
        """The exit code, and what was complained of. What a command prints is kept in `printed`."""
        where = (*self.meaning(cluster), "-n", "web", *flags)
        words = {
            "exec": ("exec", POD, *where, "--write", "--", "echo", "there"),
            "attach": ("attach", POD, *where, "--write"),
            "cp to": ("cp", str(self._home / "file"), f"{POD}:/tmp/file", *where, "--write"),
            "cp from": ("cp", f"{POD}:/etc/hostname", str(self._home / "copied"), *where, "--write"),
            "port-forward": ("port-forward", POD, ":5432", *where),
        }[typed]
        sys.argv = ["clusterview", *words]
        self._ask("requests", "DELETE")
        code = main()
        self.printed, said = self._capfd.readouterr()
        return code, said

    def opened(self) -> list[str]:
        """The streams that the last command asked for, by sub-resource, in their order."""
        paths = [str(request["path"]).partition("?")[0] for request in self._ask("requests")]
        assert paths, "nothing at all was asked: it is another simulator's log"
        return [path.rpartition("/")[2] for path in paths if path.endswith(("/exec", "/attach", "/portforward"))]

    def _ask(self, what: str, method: str = "GET") -> list[dict[str, Any]]:
        secret = {"X-Sim-Control": self.sim.env["CLUSTERVIEW_SIM_CONTROL"]}
        request = urllib.request.Request(f"{self.sim.base_url}/_sim/{what}", headers=secret, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def streams_sim(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("failures"), "--scenario", "streams") as running:
        yield running


@pytest.fixture
def desk(
    streams_sim: SimProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Desk:
    environ = streams_sim.environ(tmp_path)
    for name in tuple(os.environ):
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", sys.argv)
    return Desk(streams_sim, tmp_path, capfd)


def filled(text: str, typed: str) -> str:
    stream = SUBRESOURCE[typed]
    return text.format(stream=stream, called=CALLED[stream], since=SINCE[stream])


@pytest.mark.parametrize(("failure", "typed"), cases())
def test_a_refusal_says_cause_and_fix_and_was_asked_for_once(desk: Desk, failure: Failure, typed: str) -> None:
    code, said = desk.type(typed, failure.cluster, "--no-preflight")
    first, *rest = said.splitlines()
    assert code == 1
    assert first.startswith(f"clusterview: {filled(failure.cause, typed)}")
    assert failure.words in first
    assert len(rest) == 1
    assert rest[0].startswith("  try: ")
    assert rest[0].endswith(filled(failure.fix, typed))
    assert desk.printed == ""
    assert desk.opened() == [SUBRESOURCE[typed]]


@pytest.mark.parametrize(("failure", "typed"), cases(foreseen=True))
def test_what_can_be_known_before_is_said_and_nothing_is_opened(desk: Desk, failure: Failure, typed: str) -> None:
    code, said = desk.type(typed, failure.cluster)
    assert code == 1
    assert said.splitlines() == [
        f"clusterview: {filled(failure.light, typed)} ({NOTE})",
        f"  try: {filled(failure.cure, typed)}",
    ]
    assert desk.printed == ""
    assert desk.opened() == []


@pytest.mark.parametrize(("failure", "typed"), cases(foreseen=False))
def test_what_nobody_can_know_before_costs_one_stream_and_is_explained(
    desk: Desk, failure: Failure, typed: str
) -> None:
    code, said = desk.type(typed, failure.cluster)
    assert code == 1
    assert said.startswith(f"clusterview: {filled(failure.cause, typed)}")
    assert NOTE not in said
    assert desk.opened() == [SUBRESOURCE[typed]]


@pytest.mark.parametrize(("cluster", "typed"), WORKING)
def test_where_nothing_stands_in_the_way_nothing_is_said(desk: Desk, cluster: str, typed: str) -> None:
    code, said = desk.type(typed, cluster)
    assert (code, said) == (0, "")
    assert set(desk.opened()) == {SUBRESOURCE[typed]}
