"""The configuration's patterns against a kubeconfig's contexts, whatever these are called, where something is
changed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import yaml

from tests.main_job.test_changing import YES, Done, Shell, _kubeconfig, own_sim, shell

__all__ = ["own_sim", "shell"]
RESTART = ("restart", "deploy/search", "-n", "web")


class Home:
    """A shell whose kubeconfig has prod-eu as the context `here`, the current one, and prod-us as `there`."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.config = shell.home / "patterns.yaml"
        merged: dict[str, object] = {"apiVersion": "v1", "kind": "Config", "current-context": "here"}
        for name, context in (("prod-eu", "here"), ("prod-us", "there")):
            document = yaml.safe_load(_kubeconfig(shell.sim, shell.home, name).read_text())
            document["contexts"][0]["name"] = context
            for part in ("clusters", "users", "contexts"):
                held = merged.setdefault(part, [])
                assert isinstance(held, list)
                held += document[part]
        self.kubeconfig = shell.home / "both.kubeconfig"
        self.kubeconfig.write_text(yaml.safe_dump(merged))

    def __call__(self, config: str, *arguments: str) -> Done:
        self.config.write_text(config)
        words = (*RESTART, "--config", str(self.config), *arguments)
        return self.shell(*words, cluster="", KUBECONFIG=str(self.kubeconfig))

    def restarts(self) -> list[str]:
        """The clusters in which it was restarted, as the real kubectl sees them."""
        found: list[str] = []
        for name in ("prod-eu", "prod-us"):
            template = self.shell.get("deploy", "search", "-n", "web", cluster=name)["spec"]["template"]
            stamp = template["metadata"].get("annotations", {}).get("kubectl.kubernetes.io/restartedAt", "")
            found.append(f"{name} {stamp}")
        return found


@pytest.fixture
def home(shell: Shell) -> Home:
    return Home(shell)


def touched(before: Sequence[str], after: Sequence[str]) -> list[str]:
    return [new.split()[0] for old, new in zip(before, after, strict=True) if old != new]


def test_the_current_context_is_changed_and_nothing_else(home: Home) -> None:
    before = home.restarts()
    done = home("", *YES)
    assert done.returncode == 0, done.stderr
    assert touched(before, home.restarts()) == ["prod-eu"]


@pytest.mark.parametrize("pattern", ["here", "prod-eu", "h*", "/prod-e./"])
def test_a_read_only_pattern_meets_the_current_context_by_any_of_its_names(home: Home, pattern: str) -> None:
    before = home.restarts()
    for flags in (YES, ("--dry-run",), (*YES, "--context", "here"), (*YES, "--cluster", "here")):
        done = home(f"read_only: ['{pattern}']\n", *flags)
        assert done.returncode == 1, flags
        assert f"here is read-only: {home.config} says so (read_only)" in done.stderr + done.stdout, flags
    assert home.restarts() == before


@pytest.mark.parametrize("pattern", ["here", "prod-eu"])
def test_a_production_pattern_meets_the_current_context_by_any_of_its_names(home: Home, pattern: str) -> None:
    before = home.restarts()
    done = home(f"production: ['{pattern}']\n", *YES)
    assert (done.returncode, "--yes-production here" in done.stderr) == (1, True)
    assert home.restarts() == before


def test_a_pattern_of_the_other_cluster_leaves_this_one_alone(home: Home) -> None:
    before = home.restarts()
    done = home("read_only: [prod-us]\nproduction: [there]\n", *YES)
    assert done.returncode == 0, done.stderr
    assert touched(before, home.restarts()) == ["prod-eu"]


def test_a_current_context_that_is_none_of_the_configured_clusters_is_not_changed(home: Home) -> None:
    before = home.restarts()
    done = home("clusters: [there, prod-us]\n", *YES)
    assert done.returncode == 2
    assert "here, the kubeconfig's current context, is none of the configured clusters" in done.stderr
    assert home.restarts() == before


@pytest.mark.parametrize("clusters", ["[there]", "['prod-*']", "['*e*']", "['^here']"])
def test_a_context_that_is_named_is_the_only_one_that_is_changed(home: Home, clusters: str) -> None:
    """Whatever the configuration says of clusters: a flag outranks it."""
    before = home.restarts()
    done = home(f"clusters: {clusters}\n", *YES, "--context", "here")
    assert done.returncode == 0, done.stderr
    assert touched(before, home.restarts()) == ["prod-eu"]
