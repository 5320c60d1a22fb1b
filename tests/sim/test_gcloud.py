"""The real gcloud against the simulated clouds: what it asks for, it gets, and says so in its own words."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tui.sim.loading import load
from tui.sim.scenario import MembershipSpec

if TYPE_CHECKING:
    from tests.conftest import SimProcess

pytestmark = pytest.mark.real_client
Gcloud = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def own_sim(tmp_path_factory: pytest.TempPathFactory, gcloud: str, simulate: Any) -> Iterator[SimProcess]:
    """A simulator whose policies these tests may change."""
    with simulate(tmp_path_factory.mktemp("gcloud-sim")) as running:
        yield running


@pytest.fixture
def run(own_sim: SimProcess, gcloud: str, tmp_path: Path) -> Gcloud:
    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        env = own_sim.environ(tmp_path, KUBECONFIG=str(tmp_path / "kubeconfig"), **more)
        return subprocess.run([gcloud, *arguments], env=env, capture_output=True, text=True, timeout=60, check=False)

    return run


def member(kind: str) -> MembershipSpec:
    """The scenario's first membership of that kind."""
    return next(one for one in load("healthy").memberships if one.kind == kind)


def answer(run: Gcloud, *arguments: str) -> Any:
    """The result as JSON; the command must succeed."""
    done = run(*arguments, "--format=json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_memberships_are_listed_in_gclouds_own_columns(run: Gcloud) -> None:
    done = run("container", "fleet", "memberships", "list")
    assert done.returncode == 0, done.stderr
    heading, *rows = [line.split() for line in done.stdout.splitlines()]
    assert heading == ["NAME", "UNIQUE_ID", "LOCATION"]
    scenario = load("healthy")
    mine = {(one.id, one.location) for one in scenario.memberships if one.project == scenario.projects[0].id}
    assert {(name, location) for name, _, location in rows} == mine


def test_describe_finds_the_location_by_itself(run: Gcloud) -> None:
    spec = member("vmware")
    found = answer(run, "container", "fleet", "memberships", "describe", spec.id)
    assert found["name"] == f"projects/{spec.project}/locations/{spec.location}/memberships/{spec.id}"
    assert answer(run, "container", "fleet", "memberships", "describe", spec.id, f"--location={spec.location}") == found


def test_credentials_with_and_without_a_location(run: Gcloud, own_sim: SimProcess, tmp_path: Path) -> None:
    gke, agent = member("gke"), member("vmware")
    for spec, flags in ((gke, []), (agent, [f"--location={agent.location}"])):
        done = run("container", "fleet", "memberships", "get-credentials", spec.id, *flags)
        assert done.returncode == 0, done.stderr
        assert f"_{spec.location}_{spec.id}" in done.stderr
    config = yaml.safe_load((tmp_path / "kubeconfig").read_text())
    servers = [one["cluster"]["server"] for one in config["clusters"]]
    assert any(f"{own_sim.base_url}/v1/projects/" in server and "/gkeMemberships/" in server for server in servers)
    assert any("/memberships/" in server for server in servers)
    assert config["current-context"] == f"connectgateway_{agent.project}_{agent.location}_{agent.id}"
    assert {one["user"]["exec"]["command"] for one in config["users"]} == {"gke-gcloud-auth-plugin"}


def test_a_membership_that_is_not_there(run: Gcloud) -> None:
    done = run("container", "fleet", "memberships", "get-credentials", "no-such")
    assert (done.returncode, "Membership no-such not found in the fleet." in done.stderr) == (1, True)


def test_the_policy_is_read_and_written_with_its_etag(run: Gcloud, own_sim: SimProcess) -> None:
    project = own_sim.env["CLOUDSDK_CORE_PROJECT"]
    add = ("projects", "add-iam-policy-binding", project, "--member=user:new@example.com")
    answer(run, *add, "--role=roles/gkehub.viewer", "--condition=None")
    until = 'expression=request.time < timestamp("2099-01-01T00:00:00Z"),title=while-on-call'
    policy = answer(run, *add, "--role=roles/gkehub.gatewayReader", f"--condition={until}")
    assert policy["version"] == 3
    policy = answer(run, "projects", "get-iam-policy", project)
    mine = [one for one in policy["bindings"] if "user:new@example.com" in one["members"]]
    assert [one["role"] for one in mine] == ["roles/gkehub.gatewayReader", "roles/gkehub.viewer"]
    assert [one.get("condition", {}).get("title") for one in mine] == ["while-on-call", None]


def test_services_are_listed_and_enabled(run: Gcloud) -> None:
    enabled = {one["config"]["name"] for one in answer(run, "services", "list")}
    assert {"gkehub.googleapis.com", "connectgateway.googleapis.com"} <= enabled
    assert "edgecontainer.googleapis.com" not in enabled
    done = run("services", "enable", "edgecontainer.googleapis.com")
    assert (done.returncode, "finished successfully" in done.stderr) == (0, True), done.stderr
    assert "edgecontainer.googleapis.com" in {one["config"]["name"] for one in answer(run, "services", "list")}


def test_a_wrong_token_is_refused_in_googles_words(run: Gcloud) -> None:
    done = run("container", "fleet", "memberships", "list", CLOUDSDK_AUTH_ACCESS_TOKEN="wrong")
    assert done.returncode == 1
    assert "invalid authentication credentials" in done.stderr
