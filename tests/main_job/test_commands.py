"""The headless commands, run as a person or a pipeline runs them, against simulated clouds in another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import SimProcess

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = [sys.executable, "-P", "-c", "import sys; from tui.cli.main import main; sys.exit(main())"]


def clusterview(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


@pytest.fixture
def run(sim_process: SimProcess, tmp_path: Path) -> Run:
    """`clusterview …` as the scenario's admin; `person`'s files are a matter of the simulator's environment."""
    environ = sim_process.environ(tmp_path)
    return lambda *arguments: clusterview(environ, *arguments)


def test_fleet_list_in_every_form(run: Run) -> None:
    table = run("fleet", "list")
    assert table.returncode == 0, table.stderr
    head, *rows = table.stdout.splitlines()
    assert head.split() == ["NAME", "PROJECT", "KIND", "LOCATION", "VERSION", "STATE", "CONTACT"]
    assert len(rows) == 12
    names = run("fleet", "list", "-o", "name").stdout.splitlines()
    assert "projects/acme-prod/locations/europe-west1/memberships/prod-eu" in names
    as_json = json.loads(run("fleet", "list", "-o", "json").stdout)
    assert as_json == yaml.safe_load(run("fleet", "list", "-o", "yaml").stdout)
    assert {item["id"] for item in as_json["items"]} >= {"prod-eu", "depot-12"}


def test_get_over_several_clusters_names_the_one_that_does_not_answer(run: Run) -> None:
    ran = run("get", "deploy", "-A", "--cluster", "plant-*")
    assert ran.returncode == 3
    assert ran.stdout.splitlines()[0].split()[:3] == ["CLUSTER", "NAMESPACE", "NAME"]
    clusters = {line.split()[0] for line in ran.stdout.splitlines()[1:]}
    assert clusters == {"plant-7", "plant-9"}
    assert "plant-3: " in ran.stderr
    assert "cannot find active connections for cluster" in ran.stderr  # the server's own words


def test_patterns_narrow_every_list(run: Run) -> None:
    fleets = run("fleet", "list", "--cluster", "plant-*", "--cluster", "^plant-9", "-o", "name")
    assert (fleets.returncode, fleets.stderr) == (0, "")
    assert [name.rpartition("/")[2] for name in fleets.stdout.splitlines()] == ["plant-3", "plant-7"]
    connections = run("connections", "list", "--cluster", "aks-shop-w*", "-o", "json")
    assert {item["cluster"] for item in json.loads(connections.stdout)["items"]} == {"aks-shop-weu"}


def test_find_goes_through_all_kinds_of_the_chosen_clusters(run: Run) -> None:
    ran = run("find", "connect-agent", "--cluster", "plant-7", "--cluster", "prod-eu")
    assert ran.returncode == 0, ran.stderr
    head, *rows = ran.stdout.splitlines()
    assert head.split() == ["CLUSTER", "NAMESPACE", "KIND", "NAME", "AGE"]
    assert {line.split()[0] for line in rows} == {"plant-7"}
    assert {line.split()[2] for line in rows} >= {"Pod", "Deployment", "ServiceAccount"}
    names = run("find", "connect-agent-s*", "--cluster", "plant-7", "-o", "name").stdout.splitlines()
    assert names == ["plant-7/serviceaccounts/connect-agent-sa"]


def test_changes_are_told_newest_first(run: Run) -> None:
    ran = run("changes", "2h", "--cluster", "prod-eu", "--cluster", "depot-14")
    assert ran.returncode == 3  # depot-14 has no link
    assert "depot-14: " in ran.stderr
    assert ran.stdout.splitlines()[0].split() == ["CLUSTER", "NAMESPACE", "KIND", "NAME", "CHANGE", "BY", "AGE"]
    items = json.loads(run("changes", "2h", "--cluster", "prod-eu", "-o", "json").stdout)["items"]
    times = [item["time"] for item in items]
    assert times == sorted(times, reverse=True)
    assert {item["change"] for item in items} >= {"created"}


def test_get_one_object_whole(run: Run) -> None:
    ran = run("get", "deploy", "api", "-n", "payments", "--cluster", "prod-eu", "-o", "json")
    assert ran.returncode == 0, ran.stderr
    item = json.loads(ran.stdout)
    assert (item["kind"], item["metadata"]["name"]) == ("Deployment", "api")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("get", "nosuchkind", "--cluster", "prod-eu"), 1, "serves no kind 'nosuchkind'"),
        (("get", "deploymens", "--cluster", "prod-eu"), 1, "did you mean deployments"),
        (("get", "pods", "nosuchpod", "--cluster", "prod-eu"), 1, 'pods "nosuchpod" not found'),
        (("get", "pods", "--cluster", "no-such-*"), 2, "no cluster matches no-such-*; there are: "),
        (("get", "pods", "--cluster", "/(/"), 2, "not a valid regular expression"),
        (("get", "pods", "--context", "missing"), 2, "the kubeconfig has no context 'missing'"),
        (("get", "pods", "--kubeconfig", "/no/such"), 2, "--kubeconfig /no/such: there is no such file"),
        (("get", "pods", "--all-clusters", "--cluster", "prod-eu"), 2, "exclude each other"),
        (("fleet", "list", "--cluster", "no-such-*"), 2, "no cluster matches no-such-*; there are: "),
        (("fleet", "list", "--context", "missing"), 2, "--context means nothing to this command"),
        (("connections", "list", "--cluster", "prod-*"), 2, "no AKS cluster matches prod-*"),
        (("connections", "list", "--project", "acme-prod"), 2, "--project means nothing to this command"),
        (("logs", "x", "-o", "yaml"), 2, "-o yaml means nothing to logs"),
        (("logs", "--cluster", "prod-eu"), 2, "name a pod"),
        (("changes", "soon", "--cluster", "prod-eu"), 2, "soon: expected a duration"),
        (("logs", "x", "--since", "soon"), 2, "--since soon: expected a duration"),
    ],
)
def test_says_what_was_wrong(run: Run, arguments: tuple[str, ...], code: int, words: str) -> None:
    ran = run(*arguments)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert words in ran.stderr


def test_connections_list_judges_extension_and_objects(run: Run) -> None:
    ran = run("connections", "list", "-o", "json")
    assert ran.returncode == 0, ran.stderr
    items = {item["name"]: item for item in json.loads(ran.stdout)["items"]}
    assert len(items) == 6
    states = {item["extension"]["provisioning_state"] for item in items.values()}
    assert "Failed" in states
    assert any(not thing["present"] for item in items.values() for thing in item["objects"])
    assert "present" in json.dumps(items)


def test_logs_of_agents_of_several_clusters(run: Run) -> None:
    ran = run("logs", "--agents", "--cluster", "plant-9", "--cluster", "depot-12", "--tail", "3", "--timestamps")
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert len(lines) == 2 * 2 * 3  # two clusters, two agents each
    assert {line.split("/")[0] for line in lines} == {"plant-9", "depot-12"}


def test_info_names_credentials_and_paths(run: Run) -> None:
    ran = run("info")
    assert ran.returncode == 0, ran.stderr
    assert "CLOUDSDK_AUTH_ACCESS_TOKEN" in ran.stdout
    assert "ana@example.com" in ran.stdout
    assert "clusterview.log" in ran.stdout
    assert "of all processes of this user; in use now: none" in ran.stdout


def test_a_pipe_closed_early_is_no_error(sim_process: SimProcess, tmp_path: Path) -> None:
    shell = f"{' '.join(map(repr, COMMAND))} get pods -A --cluster 'prod-*' | head -1"
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", shell],
        env=sim_process.environ(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_nobody_signed_in_ends_with_4_and_the_cure(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": ""}
    ran = clusterview(environ, "fleet", "list", "--project", "acme-prod")
    assert ran.returncode == 4
    assert "not signed in" in ran.stderr
    assert "gcloud auth" in ran.stderr


@pytest.mark.parametrize("arguments", [("fleet", "list"), ("get", "pods"), ("logs", "--agents")])
def test_without_any_account_it_is_the_sign_in_that_is_missing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = clusterview({"HOME": str(tmp_path), "PATH": ""}, *arguments)
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "signed in" in ran.stderr
    roads = ("gcloud auth application-default login", "clusterview --project", "az login", "clusterview --kubeconfig")
    for road in ("gcloud auth login",) if arguments[0] == "fleet" else roads:
        assert f"  try: {road}" in ran.stderr


def test_a_project_is_asked_for_only_of_who_is_signed_in(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": "", "CLOUDSDK_AUTH_ACCESS_TOKEN": "ya29.x"}
    for arguments in (("fleet", "list"), ("get", "pods")):
        ran = clusterview(environ, *arguments)
        assert ran.returncode == 1
        assert "no Google Cloud project is set" in ran.stderr


@pytest.mark.parametrize("arguments", [("get", "pods", "-A"), ("get", "ns", "-o", "name"), ("logs", "--agents"),
                                       ("info", "-o", "json"), ("--version",)])  # fmt: skip
def test_a_full_disk_is_no_bug(sim_process: SimProcess, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    environ = sim_process.environ(tmp_path)
    chosen = ("--cluster", "plant-9") if arguments[0] in ("get", "logs") else ()
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*COMMAND, *arguments, *chosen], env=environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            timeout=60,
        )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr == "clusterview: the result cannot be written to stdout: No space left on device\n"


def test_closed_streams_are_no_bug(tmp_path: Path) -> None:
    shell = f"{' '.join(map(repr, COMMAND))} info >&- <&-"
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    ran = subprocess.run(["bash", "-c", shell], env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_demo_without_a_terminal_is_the_main_job_as_text(tmp_path: Path) -> None:
    ran = clusterview({"HOME": str(tmp_path), "PATH": ""}, "demo")
    assert ran.returncode == 0, ran.stderr
    for title in ("Fleets · 12 memberships", "Connections · 6", "Pods · ", "Logs · connect agents"):
        assert title in ran.stdout
    assert ".go:" in ran.stdout.rpartition("Logs · connect agents")[2]  # an agent says where in its source it speaks


def test_the_ui_refuses_a_pipe_and_says_what_to_use(tmp_path: Path) -> None:
    ran = clusterview({"HOME": str(tmp_path), "PATH": ""})
    assert ran.returncode == 2
    assert "needs a terminal" in ran.stderr


def test_describe_without_a_name_describes_all_of_several_clusters(run: Run) -> None:
    ran = run("describe", "deploy", "-n", "payments", "--cluster", "prod-eu", "--cluster", "prod-us")
    assert ran.returncode == 0, ran.stderr
    listed = run("get", "deploy", "-n", "payments", "--cluster", "prod-eu", "-o", "name")
    assert ran.stdout.count("cluster prod-eu\n") == len(listed.stdout.split())
    assert "cluster prod-us\n" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("deploy", "-n", "payments", "-l", "app=none", "--cluster", "prod-eu"), 0, "there are no deployments in"),
        (("deploy", "x", "-l", "app=api", "--cluster", "prod-eu"), 2, "a name and a selector exclude each other"),
        (("deploy", "x", "-A", "--cluster", "prod-eu"), 2, "-A goes with a kind alone"),
        (("deploy", "-n", "payments", "-l", "app in (", "--cluster", "prod-eu"), 1, "prod-eu: "),
    ],
    ids=["nothing", "both", "everywhere", "selector"],
)
def test_describe_of_none_says_so(run: Run, arguments: tuple[str, ...], code: int, words: str) -> None:
    ran = run("describe", *arguments)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert words in ran.stderr


def test_describe_over_a_cluster_that_does_not_answer_is_partial(run: Run) -> None:
    ran = run("describe", "deploy", "-A", "--cluster", "plant-*")
    assert ran.returncode == 3
    clusters = {line for line in ran.stdout.splitlines() if line.startswith("cluster ")}
    assert clusters == {"cluster plant-7", "cluster plant-9"}
    assert "plant-3: " in ran.stderr
