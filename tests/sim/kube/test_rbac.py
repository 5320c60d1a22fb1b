"""Who may do what: rules, bindings, aggregation, escalation, impersonation, and the reviews that tell."""

from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from tests.sim.kube.conftest import Api
from tui.sim.kube.attributes import Attributes
from tui.sim.kube.cluster import KubeCluster, User
from tui.sim.kube.identity import authenticated
from tui.sim.kube.rules import Rule, compact, uncovered

RBAC = "rbac.authorization.k8s.io"
ROLES = f"/apis/{RBAC}/v1/clusterroles"
BINDINGS = f"/apis/{RBAC}/v1/clusterrolebindings"
AGENT = "system:serviceaccount:gke-connect:connect-agent-sa"


def rule(verbs: str, groups: str = "", resources: str = "", names: str = "", paths: str = "") -> Rule:
    def words(written: str) -> tuple[str, ...]:
        return tuple("" if word == "core" else word for word in written.split())

    return Rule(words(verbs), words(groups), words(resources), words(names), words(paths))


GET_PODS = Attributes("get", "", "v1", "pods", "", "ns", "p")


@pytest.mark.parametrize(
    ("held", "asked", "allowed"),
    [
        (rule("get", "core", "pods"), GET_PODS, True),
        (rule("list", "core", "pods"), GET_PODS, False),
        (rule("get", "apps", "pods"), GET_PODS, False),
        (rule("*", "*", "*"), GET_PODS, True),
        (rule("get", "core", "pods", names="p q"), GET_PODS, True),
        (rule("get", "core", "pods", names="q"), GET_PODS, False),
        (rule("list", "core", "pods", names="q"), Attributes("list", "", "v1", "pods"), False),
        (rule("get", "core", "pods"), Attributes("get", "", "v1", "pods", "log"), False),
        (rule("get", "core", "pods/log"), Attributes("get", "", "v1", "pods", "log"), True),
        (rule("patch", "apps", "*/scale"), Attributes("patch", "apps", "v1", "deployments", "scale"), True),
        (rule("patch", "apps", "*/scale"), Attributes("patch", "apps", "v1", "deployments"), False),
        (rule("get", paths="/healthz"), Attributes("get", path="/healthz"), True),
        (rule("get", paths="/api/*"), Attributes("get", path="/api/v1"), True),
        (rule("get", paths="/api/*"), Attributes("get", path="/apis"), False),
        (rule("*", "*", "*"), Attributes("get", path="/healthz"), False),
    ],
)
def test_a_rule_allows(held: Rule, asked: Attributes, allowed: bool):
    assert held.allows(asked) is allowed


@pytest.mark.parametrize(
    ("owned", "wanted", "missing"),
    [
        ([rule("get list", "core", "pods")], rule("get", "core", "pods"), []),
        (
            [rule("get", "core", "*")],
            rule("get list", "core", "pods"),
            ['{APIGroups:[""], Resources:["pods"], Verbs:["list"]}'],
        ),
        ([rule("*", "*", "*")], rule("delete", "apps", "deployments/scale", "x"), []),
        (
            [rule("get", "core", "pods", "a")],
            rule("get", "core", "pods"),
            ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
        ),
        ([rule("get", "core", "pods")], rule("get", "core", "pods", "a"), []),
        ([rule("get", "core", "*/log")], rule("get", "core", "pods/log"), []),
        ([rule("get", paths="/a/*")], rule("get", paths="/a/b"), []),
        ([rule("get", paths="/a")], rule("get", paths="/b"), ['{NonResourceURLs:["/b"], Verbs:["get"]}']),
    ],
)
def test_what_is_not_held_is_named(owned: list[Rule], wanted: Rule, missing: list[str]):
    assert [str(part) for part in compact(uncovered(owned, [wanted]))] == missing


def bind(cluster: KubeCluster, role: str, subject: dict[str, str], namespace: str = "", name: str = "b") -> None:
    cluster.apply_manifest(
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
            "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [subject],
        }
    )


def user(name: str) -> dict[str, str]:
    return {"apiGroup": RBAC, "kind": "User", "name": name}


LIST_PODS = Attributes("list", "", "v1", "pods", "", "ns")


@pytest.mark.parametrize(
    ("subject", "namespace", "reason"),
    [
        (user("ana"), "", 'ClusterRoleBinding "b" of ClusterRole "view" to User "ana"'),
        ({"kind": "Group", "name": "sre"}, "", 'ClusterRoleBinding "b" of ClusterRole "view" to Group "sre"'),
        (user("ana"), "ns", 'RoleBinding "b/ns" of ClusterRole "view" to User "ana"'),
    ],
)
def test_an_allowance_says_by_what(cluster: KubeCluster, subject: dict[str, str], namespace: str, reason: str):
    bind(cluster, "view", subject, namespace)
    decision = cluster.rbac.decide(User("ana", ("sre",)), LIST_PODS)
    assert decision.allowed
    assert decision.reason == f"RBAC: allowed by {reason}"


def test_a_service_account_is_a_subject_by_its_parts(cluster: KubeCluster):
    bind(cluster, "view", {"kind": "ServiceAccount", "name": "sa", "namespace": "ns"})
    decision = cluster.rbac.decide(User("system:serviceaccount:ns:sa"), LIST_PODS)
    assert decision.reason.endswith('to ServiceAccount "sa/ns"')


def test_a_role_binding_holds_in_its_namespace_alone(cluster: KubeCluster):
    bind(cluster, "view", user("ana"), "ns")
    assert not cluster.rbac.decide(User("ana"), Attributes("list", "", "v1", "pods", "", "other")).allowed
    assert not cluster.rbac.decide(User("ana"), Attributes("list", "", "v1", "pods")).allowed


def test_a_binding_to_a_role_that_is_gone_says_so(cluster: KubeCluster):
    bind(cluster, "gone", user("ana"))
    decision = cluster.rbac.decide(User("ana"), LIST_PODS)
    assert decision.reason == f'RBAC: clusterrole.{RBAC} "gone" not found'


async def test_rights_change_with_their_objects(api: Api):
    assert (await api.get("/api/v1/pods", as_="nobody")).status == 403
    bind(api.cluster, "view", user("token-nobody"))
    assert (await api.get("/api/v1/pods", as_="nobody")).status == 200
    await api.delete(f"{BINDINGS}/b")
    assert (await api.get("/api/v1/pods", as_="nobody")).status == 403


async def test_admin_edit_and_view_are_made_of_their_parts(api: Api):
    roles = {name: (await api.get(f"{ROLES}/{name}")).body["rules"] for name in ("admin", "edit", "view")}
    assert all(found in roles["edit"] for found in roles["view"])
    assert all(found in roles["admin"] for found in roles["edit"])
    assert not any("roles" in found.get("resources", ()) for found in roles["edit"])
    assert not any("secrets" in found.get("resources", ()) for found in roles["view"])


async def test_an_aggregated_role_follows_the_roles_it_selects(api: Api):
    labels = {f"{RBAC}/aggregate-to-view": "true"}
    extra = {"verbs": ["get"], "apiGroups": ["example.com"], "resources": ["gadgets"]}
    made = await api.post(ROLES, {"metadata": {"name": "gadget-view", "labels": labels}, "rules": [extra]})
    assert made.status == 201
    assert extra in (await api.get(f"{ROLES}/view")).body["rules"]
    assert extra in (await api.get(f"{ROLES}/admin")).body["rules"]
    await api.delete(f"{ROLES}/gadget-view")
    assert extra not in (await api.get(f"{ROLES}/admin")).body["rules"]


def allow(cluster: KubeCluster, name: str, *rules: dict[str, Any]) -> None:
    """Give "nobody" a ClusterRole of these rules."""
    role = {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": list(rules)}
    cluster.apply_manifest(role)
    bind(cluster, name, user("token-nobody"), name=name)


WRITE_RBAC = {"verbs": ["create", "update"], "apiGroups": [RBAC], "resources": ["clusterroles", "clusterrolebindings"]}


async def test_nobody_grants_in_a_role_what_he_does_not_hold(api: Api):
    allow(api.cluster, "author", WRITE_RBAC)
    wanted = {"metadata": {"name": "r"}, "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}]}
    refused = await api.post(ROLES, wanted, as_="nobody")
    assert refused.status == 403
    assert refused.message == (
        f'clusterroles.{RBAC} "r" is forbidden: user "token-nobody" (groups=["system:authenticated"]) is attempting to '
        'grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'
    )
    assert refused.body["details"] == {"name": "r", "group": RBAC, "kind": "clusterroles"}
    allow(api.cluster, "holder", {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]})
    assert (await api.post(ROLES, wanted, as_="nobody")).status == 201


async def test_the_verbs_escalate_and_bind_lift_the_check(api: Api):
    allow(api.cluster, "author", WRITE_RBAC)
    role = {"metadata": {"name": "r"}, "rules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]}
    binding = {"metadata": {"name": "x"}, "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}}
    assert (await api.post(ROLES, role, as_="nobody")).status == 403
    assert (await api.post(BINDINGS, binding, as_="nobody")).status == 403
    allow(api.cluster, "lifted", {"verbs": ["escalate", "bind"], "apiGroups": [RBAC], "resources": ["clusterroles"]})
    assert (await api.post(ROLES, role, as_="nobody")).status == 201
    assert (await api.post(BINDINGS, binding, as_="nobody")).status == 201


async def test_a_role_that_does_not_exist_cannot_be_bound_by_half(api: Api):
    allow(api.cluster, "author", WRITE_RBAC)
    binding = {"metadata": {"name": "x"}, "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "gone"}}
    refused = await api.post(BINDINGS, binding, as_="nobody")
    assert refused.status == 403
    assert refused.message.endswith(f'; resolution errors: [clusterroles.{RBAC} "gone" not found]')


async def test_the_role_of_a_binding_cannot_be_exchanged(api: Api):
    bind(api.cluster, "view", user("ana"))
    found = (await api.get(f"{BINDINGS}/b")).body
    refused = await api.put(f"{BINDINGS}/b", {**found, "roleRef": {**found["roleRef"], "name": "edit"}})
    assert refused.status == 422
    assert "cannot change roleRef" in refused.message


async def test_a_token_decides_who_one_is(api: Api):
    async def who(as_: str, **options: Any) -> Any:
        answer = await api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, as_=as_, **options)
        return answer.body.get("status", {}) if answer.status == 201 else (answer.status, answer.message)

    assert await who("viewer") == {
        "userInfo": {
            "username": "token-viewer",
            "uid": "uid-viewer",
            "groups": ["viewers", "system:authenticated"],
        }
    }
    assert await who("wrong") == (401, "Unauthorized")
    status, message = await who("")
    assert status == 403
    assert 'User "system:anonymous" cannot create resource "selfsubjectreviews"' in message


async def test_anonymous_may_see_the_version_and_no_more(api: Api):
    assert (await api.get("/version", as_="")).status == 200
    assert (await api.get("/livez", as_="")).body == "ok"
    refused = await api.get("/api", as_="")
    assert (refused.status, refused.message) == (
        403,
        'forbidden: User "system:anonymous" cannot get path "/api"',
    )


async def test_a_client_acts_as_another_if_it_may(api: Api):
    as_vera = {"Impersonate-User": "vera", "Impersonate-Group": "viewers"}
    assert (await api.get("/api/v1/pods", headers=as_vera)).status == 200
    refused = await api.get("/api/v1/pods", headers=as_vera, as_="nobody")
    assert (refused.status, refused.message) == (
        403,
        'users "vera" is forbidden: User "token-nobody" cannot impersonate resource "users" in API group "" at the '
        "cluster scope",
    )
    allow(
        api.cluster,
        "actor",
        {"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users"], "resourceNames": ["vera"]},
    )
    refused = await api.get("/api/v1/pods", headers=as_vera, as_="nobody")
    assert 'groups "viewers" is forbidden' in refused.message
    refused = await api.get("/api/v1/pods", headers={"Impersonate-User": "vera"}, as_="nobody")
    assert 'User "vera" cannot list resource "pods"' in refused.message
    account = await api.get("/api/v1/pods", headers={"Impersonate-User": "system:serviceaccount:a:b"}, as_="nobody")
    assert 'cannot impersonate resource "serviceaccounts" in API group "" in the namespace "a"' in account.message


async def test_an_agent_acts_for_a_person_if_the_cluster_lets_it(cluster: KubeCluster):
    """As the Connect agent does for the gateway's callers."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await cluster.handle(request, request.path, User(AGENT), impersonate=User("ana@example.com"))

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server, ClientSession() as client:

        async def pods() -> tuple[int, Any]:
            async with client.get(server.make_url("/api/v1/pods")) as response:
                return response.status, await response.json()

        status, body = await pods()
        assert status == 403
        assert body == {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": (
                f'users "ana@example.com" is forbidden: User "{AGENT}" cannot impersonate resource "users" in API '
                'group "" at the cluster scope'
            ),
            "reason": "Forbidden",
            "details": {"name": "ana@example.com", "kind": "users"},
            "code": 403,
        }
        role = {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "gateway-impersonate"},
            "rules": [
                {
                    "verbs": ["impersonate"],
                    "apiGroups": [""],
                    "resources": ["users"],
                    "resourceNames": ["ana@example.com"],
                }
            ],
        }
        cluster.apply_manifest(role)
        agent = {"kind": "ServiceAccount", "name": "connect-agent-sa", "namespace": "gke-connect"}
        bind(cluster, "gateway-impersonate", agent)
        status, body = await pods()
        assert (status, body["message"]) == (
            403,
            'pods is forbidden: User "ana@example.com" cannot list resource "pods" in API group "" at the cluster '
            "scope",
        )
        bind(cluster, "view", user("ana@example.com"), name="ana")
        assert (await pods())[0] == 200


async def test_groups_cannot_be_assumed_without_a_user(api: Api):
    assert (await api.get("/api/v1/pods", headers={"Impersonate-Group": "viewers"})).status == 500


def test_the_groups_of_an_identity_are_the_servers():
    assert authenticated(User(AGENT)).groups == (
        "system:serviceaccounts",
        "system:serviceaccounts:gke-connect",
        "system:authenticated",
    )
    assert authenticated(User("system:anonymous")).groups == ("system:unauthenticated",)


async def test_an_access_review_of_another_needs_the_right_to_ask(api: Api):
    reviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    asked = {
        "spec": {
            "user": "token-viewer",
            "groups": ["viewers"],
            "resourceAttributes": {"verb": "get", "resource": "pods"},
        }
    }
    assert (await api.post(reviews, asked)).body["status"]["allowed"] is True
    assert (await api.post(reviews, asked, as_="viewer")).status == 403
    path = {"spec": {"user": "x", "nonResourceAttributes": {"verb": "get", "path": "/healthz"}}}
    assert (await api.post(reviews, path)).body["status"] == {"allowed": False}
    assert (await api.post(reviews, {"spec": {"user": "x"}})).status == 422


async def test_a_local_access_review_is_of_its_namespace(api: Api):
    local = "/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews"
    resource = {"verb": "get", "resource": "pods", "namespace": "default"}
    assert (await api.post(local, {"spec": {"user": "x", "resourceAttributes": resource}})).status == 201
    other = {**resource, "namespace": "kube-system"}
    refused = await api.post(local, {"spec": {"user": "x", "resourceAttributes": other}})
    assert refused.message == "spec.resourceAttributes.namespace must match namespace: default"


async def test_a_rules_review_lists_what_one_may(api: Api):
    reviews = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    status = (await api.post(reviews, {"spec": {"namespace": "default"}}, as_="viewer")).body["status"]
    pods = [found for found in status["resourceRules"] if "pods" in found["resources"] and "" in found["apiGroups"]]
    assert pods[0]["verbs"] == ["get", "list", "watch"]
    assert any("/livez" in found["nonResourceURLs"] for found in status["nonResourceRules"])
    assert status["incomplete"] is False
