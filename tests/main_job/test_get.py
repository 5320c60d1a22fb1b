"""`clusterview get` in kubectl's grammar and kubectl's forms."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import yaml

from tests.clients.scripted import Reply, ScriptedServer
from tests.conftest import SimProcess
from tests.main_job.test_commands import Run, clusterview
from tests.main_job.test_follow import kubeconfig, ran

HERE = ("-n", "payments", "--cluster", "prod-eu")


@pytest.fixture
def run(sim_process: SimProcess, tmp_path: Path) -> Run:
    environ = sim_process.environ(tmp_path)
    return lambda *arguments: clusterview(environ, *arguments)


def first_words(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines() if line]


def test_several_kinds_are_a_table_each_with_names_that_say_the_kind(run: Run) -> None:
    done = run("get", "deploy,svc", *HERE)
    assert done.returncode == 0, done.stderr
    deployments, services = done.stdout.split("\n\n")
    assert "deployment.apps/api" in first_words(deployments)
    assert "service/api" in first_words(services)
    assert "READY" in deployments
    assert "CLUSTER-IP" in services


def test_a_category_is_its_kinds(run: Run) -> None:
    done = run("get", "all", "-o", "name", *HERE)
    assert done.returncode == 0, done.stderr
    kinds = {name.partition("/")[0] for name in done.stdout.split()}
    assert {"pod", "service", "deployment.apps", "replicaset.apps"} <= kinds
    assert "secret" not in kinds


def test_kind_and_name_in_one_word(run: Run) -> None:
    done = run("get", "deploy/api", *HERE)
    assert done.returncode == 0, done.stderr
    assert first_words(done.stdout) == ["NAME", "api"]
    both = run("get", "deploy/api", "svc/api", "-o", "name", *HERE)
    assert both.stdout.split() == ["deployment.apps/api", "service/api"]


def test_one_of_two_that_is_missing_is_said_and_the_other_printed(run: Run) -> None:
    done = run("get", "deploy", "api", "nosuch", "-o", "name", *HERE)
    assert (done.returncode, done.stdout) == (3, "deployment.apps/api\n")
    assert 'deployments.apps "nosuch" not found' in done.stderr


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_one_object_is_bare_and_several_are_a_list(run: Run, form: str) -> None:
    one = yaml.safe_load(run("get", "deploy/api", "-o", form, *HERE).stdout)
    assert (one["apiVersion"], one["kind"], one["metadata"]["name"]) == ("apps/v1", "Deployment", "api")
    several = yaml.safe_load(run("get", "deploy,svc", "-o", form, *HERE).stdout)
    assert (several["apiVersion"], several["kind"]) == ("v1", "List")
    assert {item["kind"] for item in several["items"]} == {"Deployment", "Service"}


def test_nothing_found_names_the_namespace(run: Run) -> None:
    empty = run("get", "pods", "-n", "nowhere", "--cluster", "prod-eu")
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "No resources found in nowhere namespace.\n")


def test_the_same_failure_of_several_clusters_is_said_once(run: Run) -> None:
    done = run("get", "nosuchkind", "--cluster", "prod-*", "--cluster", "depot-12")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("serves no kind 'nosuchkind'") == 1
    assert "3 clusters (" in done.stderr


def test_values_of_secrets_are_masked_until_asked_for(run: Run) -> None:
    masked = run("get", "secrets", "-A", "--cluster", "prod-eu", "-o", "yaml")
    shown = run("get", "secrets", "-A", "--cluster", "prod-eu", "-o", "yaml", "--show-secrets")
    secrets = yaml.safe_load(shown.stdout)["items"]
    values = [value for secret in secrets for value in (secret.get("data") or {}).values()]
    assert values
    for value in values:
        base64.b64decode(value, validate=True)
        assert value not in masked.stdout
    assert "••••" in masked.stdout
    assert "--show-secrets" in masked.stderr
    assert len(yaml.safe_load(masked.stdout)["items"]) == len(secrets)


async def test_a_namespace_is_one_segment_of_the_path(tmp_path: Path) -> None:
    async with ScriptedServer() as server:
        server.on("/api/v1/namespaces/a/../b?x/pods", Reply(200, {"kind": "PodList", "items": []}))
        server.on("/api/v1/namespaces/a/../b?x/pods/p?q", Reply(200, {"kind": "Pod", "metadata": {"name": "p"}}))
        environ = kubeconfig(tmp_path, server.url)
        listed = await ran(environ, "get", "pods", "-n", "a/../b?x", "-o", "json")
        named = await ran(environ, "get", "pods", "p?q", "-n", "a/../b?x", "-o", "json")
        targets = [asked.target.partition("?")[0] for asked in server.asked]
    assert json.loads(listed.stdout)["items"] == []
    assert json.loads(named.stdout)["metadata"] == {"name": "p"}
    assert targets == [
        "/api/v1/namespaces/a%2F..%2Fb%3Fx/pods",
        "/api/v1/namespaces/a%2F..%2Fb%3Fx/pods/p%3Fq",
    ]
