"""A kubeconfig's context that leads to the Connect gateway is as limited as the membership that it names: the same
refusals foreseen and explained, the same queue."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import yaml

from tests.conftest import SimProcess
from tests.main_job.test_changing import Shell
from tests.main_job.test_commands import COMMAND
from tests.main_job.test_sharing import NEXT, NUMBER, PROJECT, SHARE, SLEEP, begun, line, queue
from tests.main_job.test_stream_failures import FAILURES, NOTE, WHO, Desk, Failure, filled
from tui.sim.google.credentials import data_path
from tui.sim.loading import load

KNOWN_BEFORE = [
    pytest.param(failure, typed, id=f"{name}, {typed}")
    for name, failure in FAILURES.items()
    if failure.light
    for typed, stream in {"exec": "exec", "port-forward": "portforward"}.items()
    if stream in failure.of
]
BY_GCLOUD = "connectgateway_{project}_{location}_{member}"
"""What gcloud calls the entries of a kubeconfig; somebody may have called them otherwise."""
WRONGLY = "connectgateway_other-project_{location}_{member}"
LOCKED = "702233445566"
"""The number of the project in which nobody may open a stream."""


def kubeconfig(sim: SimProcess, home: Path, scenario: str, called: str = BY_GCLOUD) -> Path:
    """One with a context for every membership, and no signed-in Google Cloud beside it."""
    loaded = load(scenario)
    numbers = {project.id: project.number for project in loaded.projects}
    names = {
        spec.id: called.format(project=spec.project, location=spec.location, member=spec.id)
        for spec in loaded.memberships
    }
    servers = {spec.id: sim.base_url + data_path(numbers[spec.project], spec) for spec in loaded.memberships}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": names[id], "cluster": {"server": server}} for id, server in servers.items()],
        "users": [{"name": "me", "user": {"token": sim.env["CLOUDSDK_AUTH_ACCESS_TOKEN"]}}],
        "contexts": [{"name": f"my-{id}", "context": {"cluster": names[id], "user": "me"}} for id in servers],
    }
    path = home / "kubeconfig"
    path.write_text(yaml.safe_dump(document))
    return path


class ContextDesk(Desk):
    """The same person, who has a kubeconfig and names no cloud."""

    def meaning(self, cluster: str) -> tuple[str, ...]:
        return "--context", f"my-{cluster}"


@pytest.fixture(scope="module")
def streams_sim(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("contexts"), "--scenario", "streams") as running:
        yield running


@pytest.fixture
def desk(
    streams_sim: SimProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> ContextDesk:
    environ = streams_sim.environ(tmp_path, KUBECONFIG=str(kubeconfig(streams_sim, tmp_path, "streams")))
    for name in tuple(os.environ):
        monkeypatch.delenv(name)
    for name, value in environ.items():
        if name not in ("CLOUDSDK_CORE_PROJECT", "CLOUDSDK_AUTH_ACCESS_TOKEN"):  # signed in nowhere, and to no project
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", sys.argv)
    return ContextDesk(streams_sim, tmp_path, capfd)


def unnamed(text: str) -> str:
    """Of an account that a kubeconfig does not name, and of a project of which it has the number."""
    return text.replace(WHO, "this account").replace("on acme-locked", f"on {LOCKED}")


@pytest.mark.parametrize(("failure", "typed"), KNOWN_BEFORE)
def test_what_can_be_known_before_is_said_and_nothing_is_opened(
    desk: ContextDesk, failure: Failure, typed: str
) -> None:
    code, said = desk.type(typed, failure.cluster)
    assert code == 1
    assert said.splitlines()[0] == f"clusterview: {unnamed(filled(failure.light, typed))} ({NOTE})"
    assert desk.opened() == []


@pytest.mark.parametrize("called", ["{member}", WRONGLY])
def test_permission_is_looked_for_and_given_where_the_address_says_whatever_it_is_called(
    desk: ContextDesk, tmp_path: Path, called: str
) -> None:
    kubeconfig(desk.sim, tmp_path, "streams", called)
    code, said = desk.type("exec", "vault")
    assert code == 1
    assert said.startswith(f"clusterview: this account lacks gkehub.gateway.stream on {LOCKED} (")
    assert f"gcloud projects add-iam-policy-binding {LOCKED} " in said
    assert "other-project" not in said
    assert desk.opened() == []


@pytest.mark.parametrize("failure", [pytest.param(failure, id=name) for name, failure in FAILURES.items()])
def test_a_refusal_says_the_cause(desk: ContextDesk, failure: Failure) -> None:
    code, said = desk.type("port-forward", failure.cluster, "--no-preflight")
    assert code == 1
    assert said.startswith(f"clusterview: {unnamed(filled(failure.cause, 'port-forward'))}")
    assert failure.words in said


def test_where_nothing_stands_in_the_way_nothing_is_said(desk: ContextDesk) -> None:
    code, said = desk.type("exec", "shop-eu")
    assert (code, said, desk.printed) == (0, "", "there\n")
    assert desk.opened() == ["exec"]


# One queue -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_sim(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    with simulate(tmp_path_factory.mktemp("shared")) as running:
        yield running


ROADS = {
    "fleet": ("", PROJECT),
    "gcloud's": (BY_GCLOUD, PROJECT),
    "renamed": ("{member}", NUMBER),
    "wrong": (WRONGLY, "other-project"),
}
"""What the kubeconfig's entries are called, "" = it is not asked; and what the project is then called."""


@pytest.mark.parametrize(
    ("first", "second"),
    [("fleet", "gcloud's"), ("gcloud's", "fleet"), ("fleet", "renamed"), ("renamed", "wrong"), ("wrong", "fleet")],
)
def test_streams_of_all_roads_to_a_membership_wait_in_one_queue(
    own_sim: SimProcess, tmp_path: Path, kubectl: str, first: str, second: str
) -> None:
    shell = Shell(own_sim, tmp_path, kubectl)

    def by(road: str, *command: str) -> AbstractContextManager[subprocess.Popen[str]]:
        called, _ = ROADS[road]
        (tmp_path / road).mkdir(exist_ok=True)
        shell.environ["KUBECONFIG"] = str(kubeconfig(own_sim, tmp_path / road, "healthy", called or BY_GCLOUD))
        named = ("--context", "my-prod-eu") if called else ("--cluster", "prod-eu")
        return begun(shell, "exec", "ledger-db-0", "-n", "payments", "--write", *named, *command)

    tickets = [queue(shell).join() for _ in range(SHARE - 1)]
    try:
        with by(first, *SLEEP) as sleeping:
            assert sleeping.stdout is not None
            assert sleeping.stdout.readline() == "begun\n"
            assert queue(shell).length() == SHARE
            with by(second, "--", "echo", "in") as waiting:
                assert line(waiting) == NEXT.replace(PROJECT, ROADS[second][1])
                sleeping.kill()
                assert waiting.communicate(timeout=60)[0] == "in\n"
    finally:
        for ticket in tickets:
            ticket.leave()


def test_streams_of_another_shell_that_has_no_gateway_of_its_own_set_wait_there_too(
    own_sim: SimProcess, tmp_path: Path, kubectl: str
) -> None:
    shell = Shell(own_sim, tmp_path, kubectl)
    shell.environ["KUBECONFIG"] = str(kubeconfig(own_sim, tmp_path, "healthy"))
    where = queue(shell)
    del shell.environ["CLOUDSDK_API_ENDPOINT_OVERRIDES_CONNECTGATEWAY"]
    exec = ("exec", "ledger-db-0", "-n", "payments", "--write", "--context", "my-prod-eu", "--no-preflight")
    with begun(shell, *exec, *SLEEP) as sleeping:
        assert sleeping.stdout is not None
        assert sleeping.stdout.readline() == "begun\n"
        assert where.length() == 1
        info = subprocess.run([*COMMAND, "info"], env=shell.environ, capture_output=True, text=True, check=True)
        assert f"of all processes of this user; in use now: 1 in {PROJECT}" in info.stdout
