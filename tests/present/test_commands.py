"""The `:` line: what every form of it means, and what could follow."""

from __future__ import annotations

import pytest

from tui.errors import UsageError
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS, KindRef
from tui.present.commands import Command, Compare, ShowKind, Word, match_clusters, parse_command
from tui.present.completions import LIMIT, complete, meant

ALIASES = {"dp": "deploy -A", "hot": "pods payments app=api", "sets": "sts"}


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", None),
        ("  ", None),
        (":", None),
        ("pods", ShowKind("pods")),
        (":pods", ShowKind("pods")),
        ("pods payments", ShowKind("pods", "payments")),
        ("po -A", ShowKind("po", "")),
        ("po all", ShowKind("po", "")),
        ("po -npayments", ShowKind("po", "payments")),
        ("po -n payments -l app=web", ShowKind("po", "payments", "app=web")),
        ("po --namespace=payments --selector=app=web", ShowKind("po", "payments", "app=web")),
        ("po app=web", ShowKind("po", None, "app=web")),
        ("po app=web,tier!=db env=prod", ShowKind("po", None, "app=web,tier!=db,env=prod")),
        ("po @prod-eu", ShowKind("po", None, "", ("prod-eu",))),
        ("po app=web @prod-* @^prod-us", ShowKind("po", None, "app=web", ("prod-*", "^prod-us"))),
        ("po @/eu|us/", ShowKind("po", None, "", ("/eu|us/",))),
        ("po web /api v2", ShowKind("po", "web", filter="api v2")),
        ("@prod-eu", ShowKind("", None, "", ("prod-eu",))),
        ("deploy.apps kube-system", ShowKind("deploy.apps", "kube-system")),
        ("fleets", Word.FLEETS),
        ("clusters", Word.FLEETS),
        ("find api", ShowKind(find="api")),
        ("compare", Compare()),
        ("compare @prod-us", Compare(("prod-us",))),
        ("find *-canary payments @prod-*", ShowKind("", "payments", "", ("prod-*",), find="*-canary")),
        ("changes", ShowKind(since=900.0)),
        ("changes 2h @prod-eu", ShowKind("", None, "", ("prod-eu",), since=7200.0)),
        ("changes @prod-eu /payments", ShowKind("", None, "", ("prod-eu",), "payments", since=900.0)),
        ("deploy,sts web", ShowKind("deploy,sts", "web")),
        ("sets,po web", ShowKind("sts,po", "web")),
        ("dp,po", ShowKind("dp,po")),  # an alias that is more than a kind is none among several
        ("po web,payments", ShowKind("po", "web,payments")),
        ("Conn", Word.CONNECTIONS),
        ("logs", Word.LOGS),
        ("?", Word.HELP),
        ("q!", Word.QUIT),
        ("dp", ShowKind("deploy", "")),
        ("hot @prod-eu", ShowKind("pods", "payments", "app=api", ("prod-eu",))),
    ],
)
def test_what_a_line_means(text: str, command: Command | None) -> None:
    assert parse_command(text, ALIASES) == command


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pods a b", "one namespace at a time"),
        ("pods -n", "-n needs a namespace"),
        ("pods @", "needs a cluster"),
        ("fleets now", "stands alone"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_command(text)


CLUSTERS = [ClusterRef(name, name, Via.GATEWAY) for name in ("prod-eu", "prod-us", "plant-7")]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (("prod-*",), ["prod-eu", "prod-us"]),
        (("^prod-*",), ["plant-7"]),
        (("prod-*", "^prod-us"), ["prod-eu"]),
        (("/eu|7$/",), ["prod-eu", "plant-7"]),
    ],
)
def test_clusters_by_pattern(patterns: tuple[str, ...], names: list[str]) -> None:
    assert [cluster.name for cluster in match_clusters(patterns, CLUSTERS)] == names


def test_a_pattern_that_matches_nothing_is_no_silent_empty_list() -> None:
    with pytest.raises(UsageError, match="@mars"):
        match_clusters(["mars"], CLUSTERS)


KINDS = [
    PODS,
    KindRef("apps", "v1", "deployments", "Deployment", "deployment", True, ("deploy",)),
    KindRef("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "", True, ("pdb",)),
    KindRef("metrics.k8s.io", "v1beta1", "pods", "PodMetrics"),
    *(KindRef("example.com", "v1", f"thing{n}s", f"Thing{n}") for n in range(20)),
]


def lines(text: str) -> list[str]:
    return [found.line for found in complete(text, KINDS, ["payments", "web"], CLUSTERS, ALIASES)]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("deploy", ["deployments"]),
        ("pdb", ["poddisruptionbudgets"]),
        ("po", ["pods", "poddisruptionbudgets", "pods.metrics.k8s.io"]),
        ("budget", ["poddisruptionbudgets"]),
        ("ho", ["hot"]),
        ("po,deplo", ["po,deployments"]),
        ("deployments,dep", []),
        ("flee", ["fleets"]),
        ("pods pay", ["pods payments"]),
        ("pods ", ["pods payments", "pods web"]),
        ("pods web @us", ["pods web @prod-us"]),
        ("@pl", ["@plant-7"]),
        ("pods app=w", []),
        ("pods /ap", []),
        ("nonsense", []),
    ],
)
def test_what_could_follow(text: str, offered: list[str]) -> None:
    assert lines(text) == offered


def test_a_kind_of_two_groups_is_offered_with_its_group() -> None:
    assert {"pods", "pods.metrics.k8s.io"} <= set(lines("pods"))


def test_never_more_than_fits() -> None:
    assert len(lines("thing")) == LIMIT


def test_every_completion_can_be_entered() -> None:
    for text in ("", "po", "@", "pods ", "pods @"):
        for line in lines(text):
            if line != "find":  # a word that needs another behind it
                assert parse_command(line, ALIASES) is not None


@pytest.mark.parametrize(
    ("text", "picked", "entered"),
    [
        ("dep", False, "deployments"),  # begun, and nothing is called so
        ("deploy", False, "deploy"),  # a short name is whole
        ("pod", False, "pod"),  # so is a singular
        ("flee", False, "fleets"),
        ("budget", False, "budget"),  # only held by a name: too far from it to be sure
        ("nonsense", False, "nonsense"),
        ("", False, ""),
        ("pods pay", False, "pods pay"),  # a namespace that is not seen in the list may well be there
        ("pods pay", True, "pods payments"),
        ("", True, "fleets"),
    ],
)
def test_enter_means_the_typed_line_or_the_completion_it_begins(text: str, picked: bool, entered: str) -> None:
    found = complete(text, KINDS, ["payments", "web"], CLUSTERS, ALIASES)
    assert meant(text, found, 0, picked=picked) == entered
