"""The commands that change something, as a person or a pipeline runs them, and what the real kubectl then sees."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import SimProcess
from tests.main_job.test_command_manners import interruptible
from tests.main_job.test_commands import COMMAND
from tests.sim.kubectl import Kubectl
from tui.sim.google.credentials import data_path
from tui.sim.loading import load

Done = subprocess.CompletedProcess[str]
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, namespace: web}\ndata: {a: b}\n"
YES = ("--write", "--yes")
CLUSTERS = ("prod-eu", "prod-us")


@pytest.fixture(scope="module")
def own_sim(
    tmp_path_factory: pytest.TempPathFactory, simulate: Callable[..., AbstractContextManager[SimProcess]]
) -> Iterator[SimProcess]:
    """A simulator for the tests of this file, which change different things of it."""
    with simulate(tmp_path_factory.mktemp("changing")) as running:
        yield running


def _kubeconfig(sim: SimProcess, home: Path, name: str) -> Path:
    """A kubeconfig for a membership through the gateway, with the admin's token."""
    scenario = load("healthy")
    spec = next(one for one in scenario.memberships if one.id == name)
    number = next(project.number for project in scenario.projects if project.id == spec.project)
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": sim.base_url + data_path(number, spec)}}],
        "users": [{"name": name, "user": {"token": sim.env["CLOUDSDK_AUTH_ACCESS_TOKEN"]}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
    path = home / f"{name}.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


class Shell:
    """`clusterview` with a home of its own, and kubectl on the same cluster (prod-eu unless said otherwise)."""

    def __init__(self, sim: SimProcess, home: Path, kubectl: str) -> None:
        self.environ = sim.environ(home)
        self.home = home
        self.sim = sim
        self._kubectl = {name: Kubectl(kubectl, sim, home, _kubeconfig(sim, home, name), name) for name in CLUSTERS}

    def __call__(self, *arguments: str, text: str = "", cluster: str = "prod-eu", **environ: str) -> Done:
        where = tuple(word for name in cluster.split(",") if name for word in ("--cluster", name))
        return subprocess.run(
            [*COMMAND, *arguments, *where],
            env=self.environ | environ,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )

    def ok(self, *arguments: str, **options: str) -> str:
        done = self(*arguments, **options)
        assert done.returncode == 0, f"{arguments}: {done.stderr}{done.stdout}"
        return done.stdout

    def get(self, *arguments: str, cluster: str = "prod-eu") -> Any:
        """What is there, as the real kubectl sees it."""
        return self._kubectl[cluster].json("get", *arguments)

    def kubectl(self, cluster: str = "prod-eu") -> Kubectl:
        """Somebody else, who uses the real kubectl."""
        return self._kubectl[cluster]

    def undo_last(self) -> str:
        (last,) = json.loads(self.ok("journal", "list", "--limit", "1", "-o", "json", cluster=""))["items"]
        return self.ok("journal", "undo", last["id"], *YES, cluster="")

    def editor(self, name: str, script: str) -> str:
        """An editor that changes its file by a Python script, in which `t` is the text."""
        path = self.home / f"{name}.py"
        path.write_text(
            "import pathlib, sys\n"
            f"p = pathlib.Path(sys.argv[1]); t = p.read_text(); n = pathlib.Path({str(self.home / name)!r})\n"
            "turn = int(n.read_text()) + 1 if n.exists() else 1; n.write_text(str(turn))\n"
            f"{script}\np.write_text(t)\n"
        )
        return f"{sys.executable} {path}"


@pytest.fixture
def shell(own_sim: SimProcess, tmp_path: Path, kubectl: str) -> Shell:
    return Shell(own_sim, tmp_path, kubectl)


def test_without_write_nothing_is_sent_and_the_command_that_would_is_said(shell: Shell) -> None:
    done = shell("scale", "deploy/search", "-n", "web", "--replicas", "9")
    assert (done.returncode, done.stdout) == (1, "")
    assert "read-only without --write: nothing was sent" in done.stderr
    assert "try: clusterview scale deploy/search -n web --replicas 9 --cluster prod-eu --write" in done.stderr
    assert shell.get("deploy", "search", "-n", "web")["spec"]["replicas"] == 2


def test_a_dry_run_prints_the_diff_and_changes_nothing(shell: Shell) -> None:
    out = shell.ok("scale", "deploy/search", "-n", "web", "--replicas", "9", "--dry-run")
    assert "-  replicas: 2" in out
    assert "+  replicas: 9" in out
    assert shell.get("deploy", "search", "-n", "web")["spec"]["replicas"] == 2
    (item,) = json.loads(shell.ok("restart", "deploy/search", "-n", "web", "--dry-run", "-o", "json"))["items"]
    assert (item["action"], item["result"], item["problem"]) == ("restart", "tried", None)


def test_without_a_terminal_and_without_yes_nothing_is_done(shell: Shell) -> None:
    done = shell("scale", "deploy/search", "-n", "web", "--replicas", "9", "--write")
    assert done.returncode == 1
    assert "without a terminal" in done.stderr
    assert "--yes" in done.stderr
    assert shell.get("deploy", "search", "-n", "web")["spec"]["replicas"] == 2


def test_scale_over_two_clusters_and_back_by_the_journal(shell: Shell) -> None:
    def replicas() -> list[int]:
        clusters = ("prod-eu", "prod-us")
        return [shell.get("deploy", "api", "-n", "payments", cluster=name)["spec"]["replicas"] for name in clusters]

    before = replicas()
    out = shell.ok("scale", "deploy/api", "-n", "payments", "--replicas", "4", *YES, cluster="prod-eu,prod-us")
    assert [line.split()[0] for line in out.splitlines()] == ["CLUSTER", "prod-eu", "prod-us"]
    assert replicas() == [4, 4] != before
    listed = shell.ok("journal", "list", cluster="").splitlines()
    assert len(listed) == 3
    shell.ok("journal", "undo", *(line.split()[0] for line in listed[1:]), *YES, cluster="")
    assert replicas() == before
    listed = shell.ok("journal", "list", cluster="").splitlines()
    assert sum("undone by" in line for line in listed) == 2
    again = shell("journal", "undo", listed[-1].split()[0], *YES, cluster="")
    assert (again.returncode, "it has been undone already" in again.stderr) == (2, True)


def test_apply_from_stdin_conflict_force_and_undo(shell: Shell) -> None:
    shell.ok("apply", "-f", "-", *YES, text=MANIFEST)
    assert shell.get("cm", "made", "-n", "web")["data"] == {"a": "b"}
    other = MANIFEST.replace("a: b", "a: c")
    path = shell.home / "config.yaml"
    path.write_text(other)
    # The same field manager may change its own mind; another one owns the replicas of a deployment.
    shell.ok("apply", "-f", str(path), *YES)
    assert shell.get("cm", "made", "-n", "web")["data"] == {"a": "c"}
    shell.undo_last()
    assert shell.get("cm", "made", "-n", "web")["data"] == {"a": "b"}
    owned = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: worker, namespace: jobs}\nspec: {replicas: 8}\n"
    done = shell("apply", "-f", "-", *YES, text=owned)
    assert done.returncode == 1
    assert ".spec.replicas (conflict with" in done.stderr
    shell.ok("apply", "-f", "-", "--force-conflicts", *YES, text=owned)
    assert shell.get("deploy", "worker", "-n", "jobs")["spec"]["replicas"] == 8
    done = shell("apply", "-f", str(shell.home / "nosuch.yaml"), *YES)
    assert (done.returncode, "cannot be read" in done.stderr) == (2, True)


def test_images_rollouts_pauses_labels_and_jobs(shell: Shell) -> None:
    where = ("-n", "payments")

    def api() -> Any:
        return shell.get("deploy", "api", *where)

    old = api()["spec"]["template"]["spec"]["containers"][0]["image"]
    shell.ok("set-image", "deploy/api", "api=example.com/api:3", *where, *YES)
    assert api()["spec"]["template"]["spec"]["containers"][0]["image"] == "example.com/api:3"
    shell.ok("undo-rollout", "deploy/api", *where, *YES)
    assert api()["spec"]["template"]["spec"]["containers"][0]["image"] == old
    shell.ok("restart", "deploy", "api", *where, *YES)
    assert "kubectl.kubernetes.io/restartedAt" in api()["spec"]["template"]["metadata"]["annotations"]
    shell.ok("pause", "deploy/api", *where, *YES)
    assert api()["spec"]["paused"] is True
    shell.ok("resume", "deploy", "-l", "app=payments-api", *where, *YES)
    assert "paused" not in api()["spec"]
    shell.ok("label", "deploy/api", "tier=gold", "team-", *where, *YES)
    assert api()["metadata"]["labels"] == {"app": "payments-api", "tier": "gold"} | {
        key: value for key, value in api()["metadata"]["labels"].items() if key not in ("app", "tier")
    }
    shell.undo_last()
    assert api()["metadata"]["labels"]["team"] == "payments"
    shell.ok("annotate", "deploy/api", "note=a, b=c", *where, *YES)
    assert api()["metadata"]["annotations"]["note"] == "a, b=c"
    shell.ok("suspend", "cronjob/invoice-export", "-n", "jobs", *YES)
    assert shell.get("cronjob", "invoice-export", "-n", "jobs")["spec"]["suspend"] is True
    shell.ok("unsuspend", "cronjob/invoice-export", "-n", "jobs", *YES)
    shell.ok("trigger", "cronjob/invoice-export", "-n", "jobs", "--name", "by-hand", *YES)
    job = shell.get("job", "by-hand", "-n", "jobs")
    assert job["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"] == "manual"


def test_cordon_drain_uncordon(shell: Shell) -> None:
    node = shell.get("nodes")["items"][-1]["metadata"]["name"]
    shell.ok("cordon", node, *YES)
    assert shell.get("node", node)["spec"]["unschedulable"] is True
    shell.ok("uncordon", f"node/{node}", *YES)
    assert "unschedulable" not in shell.get("node", node)["spec"]
    done = shell("drain", node, "--force", "--delete-emptydir-data", "--grace-period", "1", *YES)
    assert done.returncode == 0, done.stderr
    assert "evicted" in done.stdout
    shell.undo_last()
    assert "unschedulable" not in shell.get("node", node)["spec"]


def test_a_drain_of_several_nodes_goes_on_for_as_long_as_it_was_told_to_write(shell: Shell, tmp_path: Path) -> None:
    """The screen's lock, of which the time runs out, is none of a command's business: --write is for all of it."""
    nodes = [node["metadata"]["name"] for node in shell.get("nodes")["items"]][:2]
    config = tmp_path / "write.yaml"
    config.write_text("write_minutes: 0.001\n")
    done = shell("drain", *nodes, "--force", "--delete-emptydir-data", "--config", str(config), *YES)
    assert done.returncode == 0, done.stdout + done.stderr
    for node in nodes:
        assert shell.get("node", node)["spec"]["unschedulable"] is True


def test_ctrl_c_stops_waiting_and_says_how_far_it_came(shell: Shell) -> None:
    cluster = "prod-us"
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "storefront", "namespace": "web"},
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "storefront"}}},
    }
    shell.ok("apply", "-f", "-", "--force-conflicts", *YES, text=json.dumps(budget), cluster=cluster)
    pods = shell.get("pods", "-n", "web", "-l", "app=storefront", cluster=cluster)["items"]
    node = pods[0]["spec"]["nodeName"]
    drain = ("drain", node, "--force", "--delete-emptydir-data", *YES, "--cluster", cluster)
    with interruptible(*drain, environ=shell.environ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "is held by its disruption budget (" in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "cancelled: waiting for what is under way" in err
    assert "the node stays cordoned" in out
    shell.undo_last()
    assert "unschedulable" not in shell.get("node", node, cluster=cluster)["spec"]


def test_delete_and_made_anew(shell: Shell) -> None:
    before = shell.get("cm", "storefront-settings", "-n", "web")
    out = shell.ok("delete", "cm/storefront-settings", "-n", "web", *YES, "-o", "name")
    assert out == "prod-eu/configmap/storefront-settings\n"
    assert "not found" in shell("get", "cm", "storefront-settings", "-n", "web").stderr
    shell.undo_last()
    assert shell.get("cm", "storefront-settings", "-n", "web")["data"] == before["data"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("delete", "cm"), 2, "name the objects, or choose them with -l"),
        (("delete", "cm", "-l", "no=such"), 1, "no object matches: nothing is changed"),
        (("scale", "deploy/nosuch", "--replicas", "1", "-n", "web"), 1, '"nosuch" not found'),
        (("scale", "deploy/api", "--replicas", "lots"), 2, "replicas: expected a whole number"),
        (("scale", "cm/x", "--replicas", "1"), 1, "configmaps cannot be scaled"),
        (("label", "deploy/api"), 2, "what is to be set?"),
        (("delete", "deploy/api", "-A"), 2, "-A goes with -l"),
        (("journal", "undo", "nosuch"), 2, "no entry has the id 'nosuch'"),
    ],
)
def test_says_what_was_wrong(shell: Shell, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = shell(*arguments, *YES, cluster="" if arguments[0] == "journal" else "prod-eu")
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr


def test_configured_read_only_and_production(shell: Shell) -> None:
    config = shell.home / "config.yaml"
    config.write_text("read_only: [prod-us]\nproduction: [prod-eu]\n")
    scale = ("scale", "deploy/search", "-n", "web", "--replicas", "3", "--config", str(config))
    done = shell(*scale, *YES, cluster="prod-us")
    assert done.returncode == 1
    assert f"prod-us is read-only: {config} says so (read_only)" in done.stderr
    done = shell(*scale, "--dry-run", cluster="prod-us")
    assert done.returncode == 1
    done = shell(*scale, *YES)
    assert done.returncode == 1
    assert "--yes-production prod-eu" in done.stderr
    shell.ok(*scale, *YES, "--yes-production", "prod-eu")
    shell.undo_last()


DELETE = ("delete", "cm/storefront-settings", "-n", "web")


@pytest.mark.parametrize(
    "words",
    [
        DELETE,
        ("label", "deploy/search", "-n", "web", "a=b"),
        ("scale", "deploy/search", "-n", "web", "--replicas", "3"),
        ("apply", "-f", "-"),
        ("cordon", "node-1"),
        ("edit", "deploy/search", "-n", "web"),
    ],
)
def test_nothing_is_written_where_no_cluster_was_chosen(shell: Shell, words: tuple[str, ...]) -> None:
    for flags in (YES, ("--dry-run",)):
        done = shell(*words, *flags, cluster="", text=MANIFEST, VISUAL="true")
        assert (done.returncode, done.stdout) == (2, "")
        assert "which cluster is to be changed? Give --cluster NAME, --context NAME" in done.stderr
    assert shell.ok("journal", "list", cluster="").splitlines() in ([], ["The journal is empty."])


def test_a_current_context_is_a_choice_as_for_kubectl(shell: Shell) -> None:
    path = _kubeconfig(shell.sim, shell.home, "prod-us")
    done = shell(*DELETE, "--dry-run", "--kubeconfig", str(path), cluster="")
    assert done.returncode == 2
    assert "sets no current context" in done.stderr
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"current-context": "prod-us"}))
    done = shell(*DELETE, "--dry-run", "--kubeconfig", str(path), cluster="")
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "prod-us configmap web/storefront-settings")


@pytest.mark.parametrize("where", [("--cluster", "prod-*"), ("--project", "acme-prod")])
def test_yes_is_no_answer_for_clusters_that_nobody_named(shell: Shell, where: tuple[str, ...]) -> None:
    done = shell(*DELETE, *YES, *where, cluster="")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--yes stands for several clusters only where each is named" in done.stderr
    assert "--cluster prod-eu --cluster prod-us" in done.stderr
    for cluster in CLUSTERS:
        assert shell.get("cm", "storefront-settings", "-n", "web", cluster=cluster)


def test_the_question_at_a_terminal_wants_a_yes_and_production_its_name(shell: Shell) -> None:
    def asked(answer: str, *more: str) -> int:
        mine, theirs = pty.openpty()
        arguments = ("label", "deploy/search", "-n", "web", "asked=yes", "--write", "--cluster", "prod-eu", *more)
        with subprocess.Popen(
            [*COMMAND, *arguments], env=shell.environ, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs
        ) as process:
            os.close(theirs)
            os.write(mine, f"{answer}\n".encode())
            seen = b""
            while True:
                try:
                    chunk = os.read(mine, 4096)
                except OSError:  # the other end is closed
                    break
                if not chunk:
                    break
                seen += chunk
            os.close(mine)
            assert b"label: 1 object in prod-eu" in seen, seen
            return process.wait(timeout=60)

    config = shell.home / "config.yaml"
    config.write_text("production: [prod-eu]\n")
    assert asked("n") == 1
    assert asked("y", "--config", str(config)) == 1
    assert "asked" not in shell.get("deploy", "search", "-n", "web")["metadata"]["labels"]
    assert asked("y") == 0
    shell.undo_last()
    assert asked("prod-eu", "--config", str(config)) == 0
    shell.undo_last()


def test_edit_goes_through_the_editor_until_it_is_right(shell: Shell) -> None:
    script = """
if turn == 1:
    t = t.replace("replicas: 2", "replicsa: 5")
else:
    assert "# × " in t and 'unknown field "spec.replicsa"' in t, t
    t = t.replace("replicsa: 5", "replicas: 5")
"""
    done = shell("edit", "deploy/search", "-n", "web", *YES, VISUAL=shell.editor("typo", script))
    assert done.returncode == 0, done.stderr
    assert shell.get("deploy", "search", "-n", "web")["spec"]["replicas"] == 5
    assert list((shell.home / ".local/state/clusterview/edits").iterdir()) == []
    shell.undo_last()
    assert shell.get("deploy", "search", "-n", "web")["spec"]["replicas"] == 2


def test_an_edit_goes_on_top_of_what_others_changed_meanwhile(shell: Shell) -> None:
    other = [*COMMAND, "label", "deploy/search", "-n", "web", "theirs=1", *YES, "--cluster", "prod-us"]
    script = f"""
import subprocess
subprocess.run({other!r}, check=True, capture_output=True)
t = t.replace("replicas: 2", "replicas: 4")
"""
    editor = shell.editor("other", script)
    done = shell("edit", "deploy/search", "-n", "web", *YES, cluster="prod-us", EDITOR=editor, VISUAL="")
    assert done.returncode == 0, done.stderr
    assert "has been changed since you opened it: their changes stay" in done.stderr
    found = shell.get("deploy", "search", "-n", "web", cluster="prod-us")
    assert (found["spec"]["replicas"], found["metadata"]["labels"]["theirs"]) == (4, "1")


def test_where_both_changed_the_same_place_a_person_chooses(shell: Shell) -> None:
    other = [*COMMAND, "scale", "deploy/api", "-n", "payments", "--replicas", "7", *YES, "--cluster", "prod-us"]
    script = f"""
import subprocess
if turn == 1:
    subprocess.run({other!r}, check=True, capture_output=True)
    t = t.replace("replicas: 2", "replicas: 4")
else:
    assert "both versions stand in 1 place" in t, t
    ours, theirs = t.index("<<<<<<<"), t.index(">>>>>>>")
    assert "replicas: 4" in t[ours:theirs] and "replicas: 7" in t[ours:theirs]
    t = t[:ours] + "  replicas: 6\\n" + t[t.index("\\n", theirs) + 1:]
"""
    done = shell("edit", "deploy/api", "-n", "payments", *YES, cluster="prod-us", VISUAL=shell.editor("both", script))
    assert done.returncode == 0, done.stderr
    assert shell.get("deploy", "api", "-n", "payments", cluster="prod-us")["spec"]["replicas"] == 6


def test_an_edit_that_is_given_up_keeps_its_text(shell: Shell) -> None:
    wrong = (
        shell.editor("wrong", 't = t.replace("replicas: ", "replicas: -")')
        if False
        else shell.editor("wrong", 't = t.replace("replicas: 2", "replicas: two")')
    )
    done = shell("edit", "deploy/search", "-n", "web", *YES, VISUAL=wrong)
    assert done.returncode == 1
    kept = Path(done.stderr.partition("what you edited is kept in ")[2].splitlines()[0])
    assert "replicas: two" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    done = shell("edit", "deploy/search", "-n", "web", *YES, VISUAL="true")
    assert (done.returncode, "no change: nothing was sent" in done.stderr) == (0, True)
    done = shell("edit", "deploy/search", "-n", "web", *YES, VISUAL="/no/such/editor")
    assert (done.returncode, "cannot be run" in done.stderr) == (2, True)


def test_a_revision_that_is_not_remembered_is_answered_with_those_that_are(shell: Shell) -> None:
    where = ("deploy/storefront", "-n", "web")
    kept = shell.kubectl().ok("rollout", "history", "deploy/storefront", "-n", "web").split()
    numbers = [word for word in kept if word.isdigit()]
    done = shell("undo-rollout", *where, "--to-revision", "77", "--dry-run")
    assert done.returncode == 1
    assert "no revision 77 of it is remembered" in done.stdout
    heading = next(line for line in done.stderr.splitlines() if "REVISION" in line)
    assert heading.split() == ["REVISION", "AGE", "IMAGES", "CHANGE-CAUSE"]
    rows = [line.split() for line in done.stderr.partition(heading)[2].splitlines() if line.strip()]
    assert [row[0] for row in rows] == numbers
    assert rows[-1][1] == "(now)"
    assert any("storefront:4.11.0" in word for row in rows for word in row)
    shell.ok("undo-rollout", *where, "--to-revision", numbers[0], *YES)
    (container, *_) = shell.get("deploy", "storefront", "-n", "web")["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith(":4.10.3")
