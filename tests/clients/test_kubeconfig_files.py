"""kubeconfig files are read and merged by kubectl's rules, cheaply."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.clients.kubeconfigs import config, write
from tui.clients.kubeconfig_files import Contexts, contexts, read_kubeconfig
from tui.errors import ProblemKind, SourceError


def test_contexts_of_several_files(tmp_path: Path) -> None:
    one = write(tmp_path / "one", config(name="a") | {"current-context": ""})
    two = write(tmp_path / "two", config(name="b"))
    three = write(tmp_path / "three", config(name="a", server="https://later"))
    missing = tmp_path / "missing"
    found = contexts([one, missing, two, three])
    assert (found.names, found.current) == (("a", "b"), "b")
    assert read_kubeconfig([one, two, three]).clusters["a"].value["server"] == "https://h"


def test_no_file_at_all_is_no_context(tmp_path: Path) -> None:
    assert contexts([]) == contexts([tmp_path / "no"]) == Contexts()
    assert contexts([write(tmp_path / "empty", "")]) == Contexts()


def test_a_current_context_that_is_not_there_is_none(tmp_path: Path) -> None:
    found = contexts([write(tmp_path / "k", config() | {"current-context": "gone"})])
    assert (found.names, found.current) == (("c",), "")


@pytest.mark.parametrize(
    ("content", "place"), [("a: 1\nb: [}", " line 2"), ("- 1", ""), ("\x00", ""), ("just text", "")]
)
def test_an_unreadable_file_is_named_with_its_line(tmp_path: Path, content: str, place: str) -> None:
    path = write(tmp_path / "broken", content)
    with pytest.raises(SourceError) as caught:
        contexts([path])
    assert caught.value.problem.kind is ProblemKind.INVALID
    assert f"{path}{place}" in caught.value.problem.summary


def test_a_folder_where_a_file_should_be_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=str(tmp_path)):
        contexts([tmp_path])


def test_relative_paths_mean_the_folder_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    user = {"client-certificate": "me.pem", "tokenFile": "/abs/token", "exec": {"command": "./bin/plugin"}}
    path = write(tmp_path / "sub" / "k", config(user=user, cluster={"certificate-authority": "../ca.pem"}))
    found = read_kubeconfig([path])
    assert found.clusters["c"].value["certificate-authority"] == str(tmp_path / "sub" / "../ca.pem")
    assert found.users["c"].value["client-certificate"] == str(tmp_path / "sub" / "me.pem")
    assert found.users["c"].value["tokenFile"] == "/abs/token"
    assert found.users["c"].value["exec"] == {"command": str(tmp_path / "sub" / "bin/plugin")}


def test_contexts_are_told_without_importing_the_kubernetes_package(tmp_path: Path) -> None:
    path = write(tmp_path / "k", config())
    code = (
        "import sys; from pathlib import Path; from tui.clients.kubeconfig_files import contexts;"
        f"print(contexts([Path({str(path)!r})]).names, [m for m in ('kubernetes', 'aiohttp') if m in sys.modules])"
    )
    import subprocess

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.strip() == "('c',) []"


def test_where_a_context_leads_is_known_without_going_there(tmp_path: Path) -> None:
    document = {
        "clusters": [{"name": "prod", "cluster": {"server": "https://10.0.0.7:6443"}}],
        "contexts": [
            {"name": "p", "context": {"cluster": "prod"}},
            {"name": "lost", "context": {"cluster": "nosuch"}},
        ],
    }
    assert contexts([write(tmp_path / "k", document)]).lead_to == {"p": {"prod", "10.0.0.7"}, "lost": set()}


def test_contexts_that_lead_to_a_gateway_are_known_with_the_number_of_the_project_whatever_they_are_called(
    tmp_path: Path,
) -> None:
    server = "https://connectgateway.googleapis.com/v1/projects/7/locations/global/gkeMemberships/web"
    files = [
        write(tmp_path / name, config(name=name, server=server))
        for name in ("mine", "connectgateway_acme-1_global_web", "connectgateway_other-1_global_web")
    ]
    found = contexts([*files, write(tmp_path / "direct", config(name="direct"))])
    assert found.quotas == dict.fromkeys(
        ("mine", "connectgateway_acme-1_global_web", "connectgateway_other-1_global_web"), "7"
    )
    assert found.called == {"7": "acme-1"}, "the first that says it"
