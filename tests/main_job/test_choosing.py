"""Which clusters a headless command asks: what each flag chooses, and what is said where none did."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.kubernetes_server import table
from tests.clients.scripted import Reply, ScriptedServer
from tests.conftest import SimProcess
from tests.main_job.test_commands import clusterview
from tests.main_job.test_follow import PODS, kubeconfig, ran


@pytest.fixture
def shop(tmp_path: Path) -> dict[str, str]:
    """An environment whose kubeconfig has the contexts c1, the current one, and c2, which nobody serves."""
    return kubeconfig(tmp_path, "http://127.0.0.1:1", "http://127.0.0.1:1")


async def test_a_project_that_is_named_outranks_the_kubeconfig(
    sim_process: SimProcess, tmp_path: Path, shop: dict[str, str]
) -> None:
    environ = sim_process.environ(tmp_path) | {"KUBECONFIG": shop["KUBECONFIG"]}
    done = await ran(environ, "get", "nodes", "--project", "acme-edge", "-o", "name")
    fleet = await ran(environ, "fleet", "list", "--project", "acme-edge", "-o", "name")
    members = {name.rpartition("/")[2] for name in fleet.stdout.splitlines()}
    assert {line.partition("/")[0] for line in done.stdout.splitlines()} <= members
    assert done.stdout


async def test_the_current_context_is_said(tmp_path: Path) -> None:
    async with ScriptedServer() as one, ScriptedServer() as two:
        one.on(PODS, Reply(200, table("till-1")))
        two.on(PODS, Reply(200, table("till-2")))
        environ = kubeconfig(tmp_path, one.url, two.url)
        current = await ran(environ, "get", "pods", "-o", "name")
        named = await ran(environ, "get", "pods", "-o", "name", "--context", "c2")
        every = await ran(environ, "get", "pods", "-o", "name", "--all-clusters")
    assert (current.stdout, current.stderr.partition(":")[0]) == ("pod/till-1\n", "c1")
    assert "the kubeconfig's current context (--all-clusters asks every cluster)" in current.stderr
    assert (named.stdout, named.stderr) == ("pod/till-2\n", "")
    assert every.stdout == "c1/pod/till-1\nc2/pod/till-2\n"


def test_no_current_context_is_no_licence_to_take_the_first(shop: dict[str, str]) -> None:
    path = Path(shop["KUBECONFIG"])
    path.write_text(path.read_text().replace('"current-context": "c1", ', ""))
    done = clusterview(shop, "get", "pods")
    assert done.returncode == 2
    assert "the kubeconfig sets no current context; give --context, --cluster or --all-clusters" in done.stderr
    assert "c1, c2" in done.stderr


@pytest.mark.parametrize("flag", ["--cluster", "--project", "--subscription"])
def test_a_context_excludes_other_choices(shop: dict[str, str], flag: str) -> None:
    done = clusterview(shop, "get", "pods", "--context", "c1", flag, "x")
    assert done.returncode == 2
    assert f"leave out {flag}" in done.stderr


def test_without_a_kubeconfig_it_says_that_all_are_asked(sim_process: SimProcess, tmp_path: Path) -> None:
    done = clusterview(sim_process.environ(tmp_path), "get", "ns", "-o", "name")
    assert "no kubeconfig: asking all 15 clusters" in done.stderr
