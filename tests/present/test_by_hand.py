"""The commands that do the same by hand: right, whole, and safe to paste whatever a server calls its things."""

from __future__ import annotations

import json
import shlex

import pytest
from msgspec.structs import replace

from tests.ui import changes_world, world
from tui.changes.commands import commands as by_kubectl
from tui.model.changes import Action, Plan, Wish
from tui.model.cluster import ClusterRef, Via
from tui.model.kube import PODS, ResourceQuery
from tui.model.logs import LogPick, LogQuery, LogSource, query_of
from tui.model.objects import ObjectRef
from tui.present.by_hand import (
    connection_lines,
    credentials,
    entry_lines,
    fleet_lines,
    list_lines,
    log_lines,
    object_lines,
    page,
    plan_lines,
)
from tui.present.problems import Line

EU = world.members()[0].cluster
KIND = ClusterRef("context:kind-a", "kind-a", Via.CONTEXT)
AKS = world.connections()[0].cluster
EVIL = "a; rm -rf ~\n$(id)\x1b[31m"
CONTEXT = "connectgateway_acme-1_europe-west1_prod-eu"


def said(lines: list[Line]) -> list[str]:
    return [line.text for line in lines if line.copyable]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (ResourceQuery("po", (EU,)), f"kubectl --context {CONTEXT} get pods -A"),
        (ResourceQuery("po", (KIND,), "web"), "kubectl --context kind-a get pods -n web"),
        (
            ResourceQuery("po", (KIND,), "web", "app in (a,b)", "spec.nodeName=n1"),
            "kubectl --context kind-a get pods -n web -l 'app in (a,b)' --field-selector spec.nodeName=n1",
        ),
    ],
)
def test_a_list(query: ResourceQuery, expected: str) -> None:
    assert said(list_lines(query, "pods")) == [expected]


def test_a_list_over_clusters_is_one_command_for_each() -> None:
    assert len(said(list_lines(ResourceQuery("po", (EU, KIND)), "pods"))) == 2


def test_a_list_of_some_namespaces_is_one_command_for_each() -> None:
    assert said(list_lines(ResourceQuery("po", (KIND,), "web,pay"), "pods")) == [
        "kubectl --context kind-a get pods -n web",
        "kubectl --context kind-a get pods -n pay",
    ]
    assert len(said(log_lines(LogQuery((KIND,), "web,pay", labels="app=x"), []))) == 2


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("api", "api[^ ]*$"), ("api.v1", r"api\.v1[^ ]*$"), ("api-*", " api-[^ ]*$"), ("[!a]?", " [^a][^ ]$")],
)
def test_a_name_is_found_by_going_through_the_kinds(name: str, pattern: str) -> None:
    context = "kubectl --context kind-a"
    columns = "custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name"
    shown = f"--ignore-not-found --no-headers -o {columns} | grep -iE -- {shlex.quote(pattern)}"
    assert said(list_lines(ResourceQuery("pods", (KIND,), find=name), f"find {name}")) == [
        f"{context} api-resources --verbs=list -o name | xargs -n 1 {context} get -A {shown}"
    ]
    assert said(list_lines(ResourceQuery("pods", (KIND,), "web", "a=b", find=name), "")) == [
        f"{context} api-resources --verbs=list --namespaced -o name | xargs -n 1 {context} get -n web -l a=b {shown}"
    ]


def test_what_has_changed_is_in_the_events() -> None:
    assert said(list_lines(ResourceQuery("pods", (KIND,), "web", since=900.0), "changes 15m")) == [
        "kubectl --context kind-a get events -n web --sort-by .metadata.creationTimestamp"
    ]


def test_an_entry_of_the_journal_names_the_context_and_the_group() -> None:
    entry = changes_world.entry(1, Action.SCALE, "api", "replicas 3 → 5")
    assert said(entry_lines(entry)) == [
        f"kubectl --context {CONTEXT} get deployments.apps api -n web -o yaml --show-managed-fields"
    ]
    assert said(entry_lines(replace(entry, target=None))) == []


def test_an_object_is_described_whole_and_its_events_are_found() -> None:
    assert said(object_lines(ObjectRef(KIND, PODS, "web", "p"))) == [
        "kubectl --context kind-a describe pods p -n web",
        "kubectl --context kind-a get pods p -n web -o yaml",
        "kubectl --context kind-a get events -n web --field-selector involvedObject.name=p,involvedObject.kind=Pod",
    ]


def test_logs_are_those_of_the_streams_or_what_was_asked_for() -> None:
    query = LogQuery((KIND,), "web", pods=("p",))
    source = LogSource(0, KIND, "web", "p", "c")
    assert said(log_lines(query, [source])) == [
        "kubectl --context kind-a logs -n web p -c c --tail=100 --timestamps -f"
    ]
    assert said(log_lines(query, [])) == ["kubectl --context kind-a logs -n web p --tail=100 --timestamps -f"]
    of_label = LogQuery((KIND,), "web", labels="app=x", previous=True)
    assert said(log_lines(of_label, [])) == ["kubectl --context kind-a logs -n web -l app=x --tail=100 --timestamps -p"]
    several = query_of([LogPick(KIND, "web", pods=("p", "q")), LogPick(KIND, "shop", "app=x")])
    assert said(log_lines(several, [])) == [
        f"kubectl --context kind-a logs -n {what} --tail=100 --timestamps -f"
        for what in ("web p", "web q", "shop -l app=x")
    ]


def test_fleet_and_connection() -> None:
    membership = world.members()[0].membership
    assert said(fleet_lines(membership))[0] == "gcloud container fleet memberships list --project=acme-1"
    assert said(fleet_lines(None)) == ["gcloud container fleet memberships list"]
    connection = world.connections()[0]
    assert said(connection_lines(connection))[1].startswith(
        "az aks connection show --connection orders-blob -g rg-shop"
    )
    assert connection_lines(None) == []


def test_contexts_are_explained_once_for_each_cluster() -> None:
    lines = page([], (EU, EU, KIND, AKS)).lines
    assert said(list(lines)) == [
        "gcloud container fleet memberships get-credentials prod-eu --location=europe-west1 --project=acme-1",
        "az aks get-credentials --subscription 0000 -g rg-shop -n aks-1",
    ]
    assert credentials(KIND) == ""


def test_a_plan_is_its_kubectl_commands_line_by_line() -> None:
    plan = Plan(1, Wish(Action.RESTART), (), commands=("kubectl a", "kubectl b\nkubectl c", "kubectl a"))
    assert said(plan_lines(plan)) == ["kubectl a", "kubectl b", "kubectl c", "kubectl a"]  # some are done twice


def test_a_command_as_long_as_may_be_is_copied_whole() -> None:
    wish = Wish(Action.EDIT, (ObjectRef(KIND, PODS, "web", "a"),), {"patch": json.dumps({"a": "\u2028'" * 5_000})})
    plan = Plan(1, wish, (), commands=by_kubectl(wish, {}))
    (command,) = said(plan_lines(plan))
    assert json.loads(shlex.split(command)[-1]) == json.loads(wish.args["patch"])


def test_whatever_a_server_calls_its_things_a_shell_takes_as_words() -> None:
    cluster = replace(KIND, key=f"context:{EVIL}", name=EVIL)
    kind = replace(PODS, plural=EVIL)
    lines = [
        *object_lines(ObjectRef(cluster, kind, EVIL, EVIL)),
        *list_lines(ResourceQuery(EVIL, (cluster,), EVIL, EVIL, EVIL), EVIL),
        *list_lines(ResourceQuery("pods", (cluster,), EVIL, EVIL, find=EVIL), EVIL),
        *list_lines(ResourceQuery("pods", (cluster,), EVIL, since=900.0), EVIL),
        *log_lines(LogQuery((cluster,), EVIL, labels=EVIL), []),
        *log_lines(LogQuery((cluster,)), [LogSource(0, cluster, EVIL, EVIL, EVIL)]),
    ]
    for command in said(lines):
        assert "\x1b" not in command
        assert "\n" not in command
        words = shlex.split(command)
        assert words[0] == "kubectl"
        assert "rm" not in words
        assert not any(word.startswith("$(") for word in words)
