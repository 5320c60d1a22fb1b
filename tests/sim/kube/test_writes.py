"""create, update, patch, apply: what is stored, what is answered, what is refused."""

import json
from typing import Any

import pytest

from tests.sim.kube.conftest import APPLY, DEPLOYMENTS, MAPS, MERGE, NAMESPACES, PODS, Api
from tests.sim.kube.samples import deployment
from tui.sim.kube.validation_config import config_map_errors


async def test_a_created_object_is_answered_as_stored(api: Api):
    made = await api.post(MAPS, {"metadata": {"name": "a"}, "data": {"k": "v"}})
    assert made.status == 201
    assert made.body == (await api.get(f"{MAPS}/a")).body
    metadata = made.body["metadata"]
    assert metadata["uid"]
    assert metadata["creationTimestamp"] == "2026-09-21T14:13:20Z"
    assert metadata["managedFields"][0]["manager"] == "tester"
    assert metadata["managedFields"][0]["operation"] == "Update"


async def test_what_only_the_server_may_say_is_not_taken_from_the_client(api: Api):
    said = {"name": "a", "uid": "forged", "creationTimestamp": "2001-01-01T00:00:00Z", "generation": 7}
    made = await api.post(DEPLOYMENTS, {**deployment("a"), "metadata": said, "status": {"replicas": 9}})
    assert made.body["metadata"]["uid"] != "forged"
    assert made.body["metadata"]["generation"] == 1
    assert made.body["metadata"]["creationTimestamp"] == "2026-09-21T14:13:20Z"
    assert made.body["status"] == {}


async def test_a_dry_run_tells_and_does_nothing(api: Api):
    before = api.cluster.store.version
    made = await api.post(f"{MAPS}?dryRun=All", {"metadata": {"generateName": "a-"}})
    assert made.status == 201
    assert "resourceVersion" not in made.body["metadata"]
    assert made.body["metadata"]["name"].startswith("a-")
    await api.post(MAPS, {"metadata": {"name": "b"}, "data": {"k": "1"}})
    stored = (await api.get(f"{MAPS}/b")).body
    changed = await api.patch(f"{MAPS}/b?dryRun=All", {"data": {"k": "2"}})
    assert changed.body["data"] == {"k": "2"}
    assert (await api.get(f"{MAPS}/b")).body == stored
    assert (await api.post(f"{MAPS}?dryRun=All", {"metadata": {"name": "b"}})).status == 409
    assert api.cluster.store.version == before + 1
    assert (await api.post(f"{MAPS}?dryRun=Some", {"metadata": {"name": "c"}})).status == 422


async def test_an_update_must_know_the_version_it_replaces_if_it_names_one(api: Api):
    made = (await api.post(MAPS, {"metadata": {"name": "a"}})).body
    first = await api.put(f"{MAPS}/a", {**made, "data": {"k": "1"}})
    assert first.status == 200
    second = await api.put(f"{MAPS}/a", {**made, "data": {"k": "2"}})
    assert (second.status, second.body["reason"]) == (409, "Conflict")
    assert (await api.put(f"{MAPS}/a", {"metadata": {"name": "a"}, "data": {"k": "3"}})).status == 200
    stale = await api.patch(f"{MAPS}/a", {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}})
    assert stale.status == 409


async def test_an_update_of_another_object_of_that_name_is_refused(api: Api):
    made = (await api.post(MAPS, {"metadata": {"name": "a"}})).body
    other = await api.put(f"{MAPS}/a", {"metadata": {"name": "a", "uid": "another"}})
    assert other.status == 409
    assert f"UID in precondition: another, UID in object meta: {made['metadata']['uid']}" in other.message


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        (
            "POST",
            MAPS,
            {"kind": "Secret", "apiVersion": "v1"},
            400,
            'Secret in version "v1" cannot be handled as a ConfigMap',
        ),
        (
            "POST",
            MAPS,
            {"kind": "ConfigMap", "apiVersion": "v2"},
            400,
            "the API version in the data (v2) does not match the expected API version (v1)",
        ),
        (
            "POST",
            MAPS,
            {"metadata": {"name": "a", "namespace": "other"}},
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        ("POST", MAPS, {"metadata": {"name": "a", "resourceVersion": "5"}}, 500, "resourceVersion should not be set"),
        ("POST", MAPS, [], 400, "the object provided is unrecognized (must be of type ConfigMap)"),
        ("POST", "/api/v1/namespaces/nope/configmaps", {"metadata": {"name": "a"}}, 404, 'namespaces "nope" not found'),
        ("PUT", f"{MAPS}/a", {"metadata": {"name": "a"}}, 404, 'configmaps "a" not found'),
        (
            "PUT",
            f"{MAPS}/kube-root-ca.crt",
            {"metadata": {"name": "b"}},
            400,
            "the name of the object (b) does not match the name on the URL (kube-root-ca.crt)",
        ),
        ("PUT", MAPS, {}, 405, "the server does not allow this method on the requested resource"),
        ("POST", f"{MAPS}/a", {}, 405, "the server does not allow this method on the requested resource"),
        ("POST", "/api/v1/configmaps", {}, 405, "the server does not allow this method on the requested resource"),
        ("GET", "/api/v1/configmaps/a", None, 404, "the server could not find the requested resource"),
        ("GET", "/api/v1/namespaces/default/nodes", None, 404, "the server could not find the requested resource"),
        ("GET", "/api/v1/nonsense", None, 404, "the server could not find the requested resource"),
    ],
)
async def test_a_request_that_contradicts_itself_is_refused(
    api: Api, method: str, path: str, body: Any, status: int, said: str
):
    answer = await api.send(method, path, body)
    assert answer.status == status
    assert said in answer.message


async def test_unknown_groups_are_a_plain_404(api: Api):
    answer = await api.get("/apis/nope.example.com/v1/things")
    assert (answer.status, answer.body) == (404, "404 page not found\n")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/apis/coordination.k8s.io/v1/namespaces/default/leases", "l"),
        ("/apis/rbac.authorization.k8s.io/v1/clusterroles", "r"),
    ],
)
async def test_some_kinds_are_created_by_an_update(api: Api, path: str, name: str):
    assert (await api.put(f"{path}/{name}", {"metadata": {"name": name}})).status == 201
    assert (await api.get(f"{path}/{name}")).status == 200


async def test_creating_by_update_or_apply_needs_the_right_to_create(api: Api):
    await api.grant("token-nobody", "update", "patch")
    lease = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l"
    refused = await api.put(lease, {"metadata": {"name": "l"}}, as_="nobody")
    assert (refused.status, 'cannot create resource "leases"' in refused.message) == (403, True)
    applied = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    refused = await api.patch(f"{MAPS}/a?fieldManager=x", applied, APPLY, as_="nobody")
    assert (refused.status, 'cannot create resource "configmaps"' in refused.message) == (403, True)


async def test_the_object_and_its_status_have_separate_doors(api: Api):
    made = (await api.post(DEPLOYMENTS, deployment())).body
    through_status = {**made, "spec": {**made["spec"], "replicas": 9}, "status": {"replicas": 2}}
    after = (await api.put(f"{DEPLOYMENTS}/web/status", through_status)).body
    assert (after["spec"]["replicas"], after["status"]["replicas"], after["metadata"]["generation"]) == (1, 2, 1)
    through_object = {**after, "spec": {**after["spec"], "replicas": 5}, "status": {"replicas": 9}}
    final = (await api.put(f"{DEPLOYMENTS}/web", through_object)).body
    assert (final["spec"]["replicas"], final["status"]["replicas"], final["metadata"]["generation"]) == (5, 2, 2)
    owned = {entry.get("subresource", "") for entry in final["metadata"]["managedFields"]}
    assert owned == {"", "status"}


async def test_unknown_fields_are_warned_of_refused_or_ignored(api: Api):
    body = {"metadata": {"name": "a"}, "dat": {}, "oops": 1}
    warned = await api.post(f"{MAPS}?dryRun=All", body)
    assert warned.headers.getall("Warning") == [
        '299 - "unknown field \\"dat\\""',
        '299 - "unknown field \\"oops\\""',
    ]
    strict = await api.post(f"{MAPS}?fieldValidation=Strict", body)
    assert strict.message.endswith('strict decoding error: unknown field "dat", unknown field "oops"')
    assert "Warning" not in (await api.post(f"{MAPS}?dryRun=All&fieldValidation=Ignore", body)).headers
    loud = await api.post(f"{MAPS}?fieldValidation=Loud", body)
    assert (loud.status, loud.body["details"]["kind"]) == (422, "CreateOptions")
    assert loud.message.endswith('Unsupported value: "Loud": supported values: "", "Ignore", "Strict", "Warn"')


WHEN = b"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {day: 2026-11-22, at: 12:30}}"


async def test_yaml_says_what_json_could_say(api: Api):
    made = await api.send("POST", MAPS, WHEN, content_type="application/yaml")
    assert (made.status, made.body["data"]) == (201, {"at": "12:30", "day": "2026-11-22"})
    applied = await api.send("PATCH", f"{MAPS}/a?fieldManager=me", WHEN, content_type=APPLY)
    assert (applied.status, applied.body["data"]) == (200, {"at": "12:30", "day": "2026-11-22"})
    gone = await api.send("DELETE", f"{MAPS}/a", b"gracePeriodSeconds: 0", content_type="application/yaml")
    assert gone.status == 200


@pytest.mark.parametrize(
    ("text", "said"),
    [  # the first two are go-yaml's own (decode_test.go)
        (b"v: [A,", "yaml: line 1: did not find expected node content"),
        (b"a:\n- b: *,", "yaml: line 2: did not find expected alphabetic or numeric character"),
        (b"a: b: c", "yaml: mapping values are not allowed in this context"),
    ],
)
async def test_broken_yaml_is_refused_in_the_words_of_the_servers_parser(api: Api, text: bytes, said: str):
    made = await api.send("POST", MAPS, text, content_type="application/yaml")
    opening = "the object provided is unrecognized (must be of type ConfigMap): "
    assert (made.status, made.message) == (400, f"{opening}{said} ({text.hex()})")
    applied = await api.send("PATCH", f"{MAPS}/a?fieldManager=me", text, content_type=APPLY)
    assert (applied.status, applied.message) == (400, f"error decoding YAML: error converting YAML to JSON: {said}")


SERVICES = "/api/v1/namespaces/default/services"
TWICE = b'{"metadata":{"name":"a","labels":{"x":"1","x":"2"}},"immutable":true,"immutable":false,"oops":1}'


async def test_a_field_named_twice_is_warned_of_refused_or_ignored(api: Api):
    said = ['duplicate field "metadata.labels.x"', 'duplicate field "immutable"', 'unknown field "oops"']
    strict = await api.send("POST", f"{MAPS}?fieldValidation=Strict", TWICE)
    assert (strict.status, strict.message.endswith(f"strict decoding error: {', '.join(said)}")) == (400, True)
    warned = await api.send("POST", f"{MAPS}?dryRun=All", TWICE)
    assert warned.headers.getall("Warning") == [f"299 - {json.dumps(text)}" for text in said]
    assert (warned.body["immutable"], warned.body["metadata"]["labels"]) == (False, {"x": "2"})
    assert "Warning" not in (await api.send("POST", f"{MAPS}?fieldValidation=Ignore", TWICE)).headers


async def test_a_key_that_yaml_names_twice_is_refused_where_one_is_strict(api: Api):
    text = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: x\n  k: y\n"
    said = 'yaml: unmarshal errors:\n  line 7: key "k" already set in map'
    path = f"{MAPS}?fieldValidation=Strict"
    made = await api.send("POST", path, text, content_type="application/yaml")
    assert (made.status, made.message.endswith(f"strict decoding error: {said}")) == (400, True)
    path = f"{MAPS}/a?fieldManager=me&fieldValidation=Strict"
    applied = await api.send("PATCH", path, text, content_type=APPLY)
    assert applied.message == f"error strict decoding YAML: error converting YAML to JSON: {said}"
    assert (await api.get(f"{MAPS}/a")).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_a_field_manager_has_a_longest_name_and_is_printable(api: Api, method: str):
    await api.post(MAPS, {"metadata": {"name": "a"}})
    path, body = (MAPS if method == "POST" else f"{MAPS}/a"), {"metadata": {"name": "a"}}
    kind = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}[method]
    content_type = MERGE if method == "PATCH" else "application/json"
    for manager, said in (
        ("m" * 129, "fieldManager: Too long: may not be more than 128 bytes"),
        ("a%07", 'fieldManager: Invalid value: "a\\u0007": invalid character U+0007 (at position 1)'),
    ):
        refused = await api.send(method, f"{path}?fieldManager={manager}", body, content_type=content_type)
        assert (refused.status, refused.message) == (422, f'{kind}.meta.k8s.io "" is invalid: {said}')
    longest = await api.send(method, f"{path}?dryRun=All&fieldManager={'m' * 128}", body, content_type=content_type)
    assert longest.status == (409 if method == "POST" else 200)


async def test_what_is_no_object_is_refused_as_such(api: Api):
    refused = await api.post(MAPS, [])
    assert (refused.status, refused.message) == (
        400,
        "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json "
        "parse error: json: cannot unmarshal array into Go value of type "
        'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
        'Kind string "json:\\"kind,omitempty\\"" } (5b5d)',
    )
    refused = await api.post("/api/v1/namespaces/default/pods", {"metadata": "x"})
    assert (refused.status, refused.message) == (
        400,
        'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field '
        "Pod.metadata of type v1.ObjectMeta",
    )


def test_a_config_map_that_is_too_large_has_no_field_to_blame():
    errors = config_map_errors({"metadata": {"name": "a"}, "data": {"k": "x" * (1024 * 1024 + 1)}})
    assert list(errors) == [("FieldValueTooLong", "Too long: may not be more than 1048576 bytes", "[]")]


async def test_a_new_namespace_is_furnished(api: Api):
    made = await api.post(NAMESPACES, {"metadata": {"name": "shop", "labels": {"a": "b"}}})
    assert made.body["metadata"]["labels"] == {"a": "b", "kubernetes.io/metadata.name": "shop"}
    assert made.body["status"] == {"phase": "Active"}
    assert (await api.get(f"{NAMESPACES}/shop/serviceaccounts/default")).status == 200
    assert (await api.get(f"{NAMESPACES}/shop/configmaps/kube-root-ca.crt")).status == 200


async def test_a_pod_is_given_its_account_and_token(api: Api):
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = (await api.post(PODS, pod)).body["spec"]
    assert spec["serviceAccountName"] == "default"
    assert spec["volumes"][0]["name"].startswith("kube-api-access-")
    assert spec["containers"][0]["volumeMounts"][0]["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"
    without = {**pod, "metadata": {"name": "q"}, "spec": {**pod["spec"], "automountServiceAccountToken": False}}
    assert "volumes" not in (await api.post(PODS, without)).body["spec"]
    unknown = {**pod, "metadata": {"name": "r"}, "spec": {**pod["spec"], "serviceAccountName": "nobody"}}
    refused = await api.post(PODS, unknown)
    assert refused.status == 403
    assert refused.message == (
        'pods "r" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found'
    )


async def test_a_pod_is_given_the_priority_of_its_class(api: Api):
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    assert (await api.post(PODS, pod)).body["spec"]["priority"] == 0
    critical = {**pod, "metadata": {"name": "q"}, "spec": {**pod["spec"], "priorityClassName": "system-node-critical"}}
    assert (await api.post(PODS, critical)).body["spec"]["priority"] == 2_000_001_000
    unknown = {**pod, "metadata": {"name": "r"}, "spec": {**pod["spec"], "priorityClassName": "vip"}}
    refused = await api.post(PODS, unknown)
    assert (refused.status, refused.message) == (
        403,
        'pods "r" is forbidden: no PriorityClass with name vip was found',
    )
    default = {"metadata": {"name": "usual"}, "value": 7, "globalDefault": True}
    assert (await api.post("/apis/scheduling.k8s.io/v1/priorityclasses", default)).status == 201
    later = (await api.post(PODS, {**pod, "metadata": {"name": "s"}})).body["spec"]
    assert (later["priorityClassName"], later["priority"]) == ("usual", 7)


async def test_a_service_is_given_addresses_and_keeps_them(api: Api):
    path = "/api/v1/namespaces/default/services"
    service = {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 80}], "selector": {"a": "b"}}}
    made = (await api.post(path, service)).body
    address, port = made["spec"]["clusterIP"], made["spec"]["ports"][0]["nodePort"]
    assert address.startswith("10.96.")
    assert 30000 <= port <= 32767
    changed = {**service, "spec": {**service["spec"], "selector": {"c": "d"}}}
    after = (await api.put(f"{path}/s", changed)).body
    assert (after["spec"]["clusterIP"], after["spec"]["ports"][0]["nodePort"]) == (address, port)
    external = {"metadata": {"name": "e"}, "spec": {"type": "ExternalName", "externalName": "x.example.com"}}
    assert "clusterIP" not in (await api.post(path, external)).body["spec"]


async def test_yaml_is_taken_as_json_is(api: Api):
    made = await api.post(MAPS, b"metadata:\n  name: y\ndata:\n  k: v\n", content_type="application/yaml")
    assert (made.status, made.body["data"]) == (201, {"k": "v"})
    broken = await api.post(MAPS, b"a: [", content_type="application/yaml")
    assert broken.status == 400


async def test_a_broken_body_is_quoted_back_by_its_beginning(api: Api):
    refused = await api.post(MAPS, b'{"metadata": {"name": "a-long-name"}, "data": oops}')
    assert refused.status == 400
    assert refused.message.startswith("the object provided is unrecognized (must be of type ConfigMap)")
    assert refused.message.endswith('({"metadata": {"name": "a-long- ...)')
    assert (await api.post(MAPS, b"")).message.endswith("unexpected end of JSON input (<empty>)")


async def test_a_body_beyond_all_measure_is_refused(api: Api):
    refused = await api.post(MAPS, {"metadata": {"name": "a"}, "data": {"k": "x" * 4_000_000}})
    assert (refused.status, refused.message) == (413, "Request entity too large: limit is 3145728")


def test_a_manifest_of_a_scenario_is_created_or_replaced_whole(cluster: Any):
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        **deployment(),
        "status": {"replicas": 3},
    }
    made = cluster.apply_manifest(manifest)
    assert made["metadata"]["namespace"] == "default"
    assert made["status"] == {"replicas": 3}
    replaced = cluster.apply_manifest({**manifest, "status": {"replicas": 4}})
    assert replaced["status"] == {"replicas": 4}
    assert replaced["metadata"]["uid"] == made["metadata"]["uid"]
    named = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "fresh"}}
    assert cluster.apply_manifest(json.loads(json.dumps(named)))["metadata"]["namespace"] == "fresh"
    with pytest.raises(Exception, match='no matches for kind "Gizmo" in version "v9"'):
        cluster.apply_manifest({"apiVersion": "v9", "kind": "Gizmo", "metadata": {"name": "x"}})


def service(name: str, kind: str = "NodePort", **spec: Any) -> Any:
    return {"metadata": {"name": name}, "spec": {"type": kind, "ports": [{"port": 80}], **spec}}


def on_node(port: int) -> Any:
    return [{"port": 80, "nodePort": port}]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            {"ports": on_node(80)},
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
            "The range of valid ports is 30000-32767",
        ),
        (
            {"ports": on_node(30080)},
            "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
        ),
        (
            {"clusterIP": "192.168.1.1"},
            'spec.clusterIPs: Invalid value: ["192.168.1.1"]: failed to allocate IP 192.168.1.1: the provided IP '
            "(192.168.1.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12",
        ),
        (
            {"clusterIP": "10.96.7.7"},
            'spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: provided IP is already '
            "allocated",
        ),
    ],
)
async def test_an_address_that_cannot_be_had_is_refused(api: Api, spec: Any, said: str):
    first = await api.post(SERVICES, service("first", clusterIP="10.96.7.7", ports=on_node(30080)))
    assert first.status == 201
    refused = await api.post(SERVICES, service("second", **spec))
    assert (refused.status, refused.message) == (422, f'Service "second" is invalid: {said}')
    labelled = {**first.body["metadata"], "labels": {"a": "b"}}
    again = await api.put(f"{SERVICES}/first", {**first.body, "metadata": labelled})
    assert (again.status, again.body["spec"]) == (200, first.body["spec"])
