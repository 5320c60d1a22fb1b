"""Scenario files: what may be written, and how mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.errors import UsageError
from tui.sim.loading import available, load
from tui.sim.scenario import Scenario

SMALL = """\
title: Small
people:
  - {id: admin, email: ana@example.com, iam: [roles/owner], kube: cluster-admin}
projects:
  - {id: acme, number: "12"}
clusters:
  - name: one
    workloads:
      - {kind: Deployment, namespace: shop, name: web}
memberships:
  - {id: one, project: acme, location: global, kind: gke, cluster: one}
"""


def loaded(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return load(str(path))


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, text)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_a_file_becomes_specifications_with_defaults(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, SMALL)
    assert scenario.name == "mine"
    assert scenario.title == "Small"
    assert scenario.people[0].iam == ("roles/owner",)
    workload = scenario.clusters[0].workloads[0]
    assert (workload.replicas, workload.containers, workload.log_rate) == (1, ("app",), 1.0)
    assert scenario.memberships[0].last_contact == 20.0


def test_templates_are_anchors_and_lists_in_lists_are_their_items(tmp_path: Path) -> None:
    text = SMALL.replace("clusters:", "x-jobs: &jobs\n  - {kind: Job, namespace: shop, name: fill}\nclusters:").replace(
        "  - name: one\n    workloads:\n",
        "  - &one\n    name: one\n    nodes: 5\n    workloads:\n      - *jobs\n",
    )
    text = text.replace("memberships:", "  - <<: *one\n    name: two\n    workloads: [*jobs]\nmemberships:")
    one, two = loaded(tmp_path, text).clusters
    assert [workload.name for workload in one.workloads] == ["fill", "web"]
    assert (two.name, two.nodes, [workload.name for workload in two.workloads]) == ("two", 5, ["fill"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Small", "title: [1]", "mine.yaml:1: title: expected text, got a list"),
        (
            "name: one\n",
            "nmae: one\n",
            "mine.yaml:7: clusters[0].nmae: unknown key; a ClusterSpec may have: name, version",
        ),
        (
            "    workloads:",
            "    nodes: many\n    workloads:",
            "mine.yaml:8: clusters[0].nodes: expected a whole number, got 'many'",
        ),
        (
            "    workloads:",
            "    nodes: true\n    workloads:",
            "mine.yaml:8: clusters[0].nodes: expected a whole number",
        ),
        ("    workloads:", "    nodes: 3\n    nodes: 4\n    workloads:", "mine.yaml:9: clusters[0].nodes: given twice"),
        ("kind: Deployment, ", "", "mine.yaml:9: clusters[0].workloads[0].kind: missing"),
        (
            "kind: Deployment",
            "kind: Pod",
            "mine.yaml:9: clusters[0].workloads[0].kind: unknown word 'Pod'; there are: 'CronJob'",
        ),
        ("name: web}", "name: web, log: novel}", "mine.yaml:9: clusters[0].workloads[0].log: unknown word 'novel'"),
        (
            "name: web}",
            "name: web, behaviour: sleepy}",
            "mine.yaml:9: clusters[0].workloads[0].behaviour: unknown word 'sleepy'",
        ),
        (
            "name: web}",
            "name: web, log_rate: fast}",
            "mine.yaml:9: clusters[0].workloads[0].log_rate: expected a number",
        ),
        (
            "kind: Deployment",
            "kind: CronJob",
            "mine.yaml:9: clusters[0].workloads[0].schedule: a CronJob needs a schedule",
        ),
        (
            "cluster: one}",
            "cluster: none}",
            "mine.yaml:11: memberships[0].cluster: no cluster named 'none'; there are: 'one'",
        ),
        (
            "project: acme,",
            "project: b,",
            "mine.yaml:11: memberships[0].project: no project named 'b'; there are: 'acme'",
        ),
        ("kind: gke", "kind: cloud", "mine.yaml:11: memberships[0].kind: unknown word 'cloud'"),
        (
            "cluster: one}",
            "cluster: one, last_contact: soon}",
            "memberships[0].last_contact: expected a number or nothing",
        ),
        ("cluster: one}", "cluster: one, labels: {a: 1}}", "memberships[0].labels: expected a mapping of text to text"),
        ("clusters:", "clusters: {", "mine.yaml:"),
        (SMALL, "- a\n- b\n", "mine.yaml:1: a scenario is a mapping"),
        ("    workloads:", "    workloads: none\n    objects:", "clusters[0].workloads: expected a list, got 'none'"),
    ],
)
def test_mistakes_are_named_by_file_line_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SMALL
    assert said in refusal(tmp_path, SMALL.replace(old, new))


def test_two_of_a_name_are_a_mistake(tmp_path: Path) -> None:
    twice = SMALL.replace("memberships:\n", "  - {name: one}\nmemberships:\n")
    assert "mine.yaml:10: clusters[1]: a second one named ('one',)" in refusal(tmp_path, twice)


def test_a_null_is_nothing_where_nothing_is_allowed(tmp_path: Path) -> None:
    never = SMALL.replace("cluster: one}", "cluster: one, last_contact: null}")
    assert loaded(tmp_path, never).memberships[0].last_contact is None


def test_no_such_scenario_or_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no scenario named 'helthy'; there are: .*healthy"):
        load("helthy")
    with pytest.raises(UsageError, match="No such file"):
        load(str(tmp_path / "none.yaml"))


def test_every_scenario_that_comes_along_can_be_loaded_and_has_a_title() -> None:
    names = [name for name, _ in available()]
    assert "healthy" in names
    for name, title in available():
        assert load(name).title == title
        assert title


def test_healthy_is_what_the_design_says() -> None:
    scenario = load("healthy")
    assert len(scenario.memberships) == 12
    assert {one.kind for one in scenario.memberships} == {
        "gke",
        "vmware",
        "baremetal",
        "aws",
        "azure",
        "attached",
        "edge",
    }
    assert len(scenario.aks) == 3
    assert len(scenario.linkers) == 6
    assert {person.id for person in scenario.people} == {"admin", "viewer", "reader", "nobody"}
    agents = {spec.name: spec.agent for spec in scenario.clusters}
    assert {"healthy", "degraded", "down"} <= set(agents.values())
    gke = {one.cluster for one in scenario.memberships if one.kind == "gke"}
    assert {agents[name] for name in gke} == {"none"}
    assert all(agents[one.cluster] != "none" for one in scenario.memberships if one.kind != "gke")
