"""The configuration's patterns against a kubeconfig's contexts, whatever these are called, where something is
changed."""

from __future__ import annotations

import uuid

import pytest
import yaml

from tests.main_job.test_changing import CLUSTERS, YES, Done, Shell, _kubeconfig, own_sim, shell

__all__ = ["own_sim", "shell"]


class Home:
    """A shell whose kubeconfig has prod-eu as the context `here`, the current one, and prod-us as `there`."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.config = shell.home / "patterns.yaml"
        self.mark = uuid.uuid4().hex
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
        words = ("label", "deploy/search", f"mark={self.mark}", "-n", "web", "--config", str(self.config), *arguments)
        return self.shell(*words, cluster="", KUBECONFIG=str(self.kubeconfig))

    def touched(self) -> list[str]:
        """The clusters that were changed, as the real kubectl sees them."""
        found = {name: self.shell.get("deploy", "search", "-n", "web", cluster=name) for name in CLUSTERS}
        return [name for name, one in found.items() if one["metadata"]["labels"].get("mark") == self.mark]


@pytest.fixture
def home(shell: Shell) -> Home:
    return Home(shell)


def test_the_current_context_is_changed_and_nothing_else(home: Home) -> None:
    done = home("", *YES)
    assert done.returncode == 0, done.stderr
    assert home.touched() == ["prod-eu"]


@pytest.mark.parametrize("pattern", ["here", "prod-eu", "h*", "/prod-e./"])
def test_a_read_only_pattern_meets_the_current_context_by_any_of_its_names(home: Home, pattern: str) -> None:
    for flags in (YES, ("--dry-run",), (*YES, "--context", "here"), (*YES, "--cluster", "here")):
        done = home(f"read_only: ['{pattern}']\n", *flags)
        assert done.returncode == 1, flags
        assert f"here is read-only: {home.config} says so (read_only)" in done.stderr + done.stdout, flags
    assert home.touched() == []


@pytest.mark.parametrize("pattern", ["here", "prod-eu"])
def test_a_production_pattern_meets_the_current_context_by_any_of_its_names(home: Home, pattern: str) -> None:
    done = home(f"production: ['{pattern}']\n", *YES)
    assert (done.returncode, "--yes-production here" in done.stderr) == (1, True)
    assert home.touched() == []


def test_a_pattern_of_the_other_cluster_leaves_this_one_alone(home: Home) -> None:
    done = home("read_only: [prod-us]\nproduction: [there]\n", *YES)
    assert done.returncode == 0, done.stderr
    assert home.touched() == ["prod-eu"]


def test_a_current_context_that_is_none_of_the_configured_clusters_is_not_changed(home: Home) -> None:
    done = home("clusters: [there, prod-us]\n", *YES)
    assert done.returncode == 2
    assert "here, the kubeconfig's current context, is none of the configured clusters" in done.stderr
    assert home.touched() == []


@pytest.mark.parametrize("clusters", ["[there]", "['prod-*']", "['*e*']", "['^here']"])
def test_a_context_that_is_named_is_the_only_one_that_is_changed(home: Home, clusters: str) -> None:
    """Whatever the configuration says of clusters: a flag outranks it."""
    done = home(f"clusters: {clusters}\n", *YES, "--context", "here")
    assert done.returncode == 0, done.stderr
    assert home.touched() == ["prod-eu"]
