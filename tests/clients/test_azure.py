"""ARM over real sockets with TLS, through azure-core, azure-identity and the SDK's extension client as they are."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from azure.core.credentials import AccessToken

from tests.clients.scripted import RESET, Asked, Reply, ScriptedServer
from tui.clients.azure import AzureArm
from tui.clients.azure_auth import AzureCredentials, has_identity
from tui.clients.azure_cloud import AzureCloud
from tui.clients.http import Http
from tui.clients.tls import TlsSpec
from tui.clock import ManualClock, SystemClock
from tui.data.ports import ArmPort
from tui.errors import Problem, ProblemKind, SourceError
from tui.model.connection import AksCluster

AKS_ID = "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-1"
AKS = AksCluster(AKS_ID, "aks-1", "s-1", "rg")
LINKERS = f"{AKS_ID}/providers/Microsoft.ServiceLinker/linkers"
EXTENSIONS = f"{AKS_ID}/providers/Microsoft.KubernetesConfiguration/extensions"


def jwt(**claims: Any) -> str:
    return f"eyJhbGciOiJub25lIn0.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.sig"


@dataclass
class Azure:
    """ARM on TLS, a managed identity's endpoint on plain http, and clients that know both."""

    arm: ScriptedServer
    identity: ScriptedServer
    http: Http
    credentials: AzureCredentials
    client: AzureArm
    clock: ManualClock


@pytest.fixture
async def azure(
    tls_server: ScriptedServer,
    server: ScriptedServer,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Azure]:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    clock = ManualClock(SystemClock().now())

    def token(asked: Asked) -> Reply:
        access = jwt(upn="ana@example.com", n=len(server.asked), aud=asked.query["resource"])
        given = {"access_token": access, "expires_on": str(int(clock.now() + 3600)), "token_type": "Bearer"}
        return Reply(200, given | {"resource": asked.query["resource"]})

    server.on("/msi/token", token)
    environ = {"IDENTITY_ENDPOINT": f"{server.url}/msi/token", "IDENTITY_HEADER": "secret", "PATH": str(tmp_path)}
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_TOKEN_CREDENTIALS", "MSI_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)  # azure-identity reads the process's own
    http = Http({"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    cloud = AzureCloud("test", tls_server.url, f"{tls_server.url}/.default")
    credentials = AzureCredentials(http, cloud, environ, clock)
    yield Azure(tls_server, server, http, credentials, AzureArm(http, credentials), clock)
    await credentials.close()
    await http.close()


async def failure(awaitable: Any) -> Problem:
    with pytest.raises(SourceError) as caught:
        await awaitable
    return caught.value.problem


def error(code: int, name: str, message: str, **headers: str) -> Reply:
    return Reply(code, {"error": {"code": name, "message": message}}, headers)


async def test_it_is_what_the_data_layer_asks_for(azure: Azure) -> None:
    port: ArmPort = azure.client
    assert port


async def test_the_token_is_asked_for_once_and_its_owner_is_known(azure: Azure) -> None:
    azure.arm.on("/subscriptions", Reply(200, {"value": []}))
    await azure.client.subscriptions()
    await azure.client.subscriptions()
    assert len(azure.identity.asked) == 1
    assert azure.identity.asked[0].query["resource"] == azure.arm.url
    assert azure.identity.asked[0].headers["x-identity-header"] == "secret"
    assert azure.arm.asked[0].headers["authorization"].startswith("Bearer eyJ")
    assert azure.arm.asked[0].headers["user-agent"].startswith("clusterview")
    assert (azure.credentials.account, azure.credentials.source) == ("ana@example.com", "managed identity")


async def test_subscriptions_that_can_be_used(azure: Azure) -> None:
    states = {"a": "Enabled", "b": "Warned", "c": "Disabled", "d": "Deleted", "e": "PastDue"}
    listed = [{"subscriptionId": id, "state": state} for id, state in states.items()]
    azure.arm.on("/subscriptions", Reply(200, {"value": [*listed, {"state": "Enabled"}]}))
    assert await azure.client.subscriptions() == ("a", "b", "e")


async def test_every_page_of_a_list_is_read(azure: Azure) -> None:
    more = f"{azure.arm.url}{LINKERS}?api-version=x&$skiptoken=2"
    azure.arm.on(
        LINKERS,
        Reply(200, {"value": [{"id": "1", "name": "a"}], "nextLink": more}),
        Reply(200, {"value": [{"id": "2", "name": "b"}], "nextLink": None}),
    )
    assert [linker.name for linker in await azure.client.linkers(AKS)] == ["a", "b"]
    assert azure.arm.asked[0].query == {"api-version": "2024-04-01"}
    assert azure.arm.asked[1].query == {"api-version": "x", "$skiptoken": "2"}


@pytest.mark.parametrize("where", ["elsewhere", "itself"])
async def test_a_next_link_that_leads_astray_is_not_followed_with_our_token(
    azure: Azure, server: ScriptedServer, where: str
) -> None:
    link = f"{server.url}/steal" if where == "elsewhere" else f"{azure.arm.url}{LINKERS}?api-version=2024-04-01"
    azure.arm.on(LINKERS, Reply(200, {"value": [], "nextLink": link}))
    assert (await failure(azure.client.linkers(AKS))).kind is ProblemKind.PROTOCOL
    assert "/steal" not in server.paths()
    assert len(azure.arm.asked) == 1


async def test_clusters_of_a_subscription(azure: Azure) -> None:
    path = "/subscriptions/s-1/providers/Microsoft.ContainerService/managedClusters"
    azure.arm.on(path, Reply(200, {"value": [{"id": AKS_ID, "name": "aks-1", "location": "westeurope"}]}))
    (cluster,) = await azure.client.aks_clusters("s-1")
    assert (cluster.name, cluster.subscription, cluster.resource_group) == ("aks-1", "s-1", "rg")


CONNECTOR = {
    "id": f"{EXTENSIONS}/sc-extension",
    "name": "sc-extension",
    "type": "Microsoft.KubernetesConfiguration/extensions",
    "properties": {
        "extensionType": "Microsoft.ServiceLinker.Connection",
        "autoUpgradeMinorVersion": False,
        "releaseTrain": "prod",
        "currentVersion": "1.2.3",
        "scope": {"cluster": {"releaseNamespace": "sc-system"}},
        "provisioningState": "Failed",
        "statuses": [
            {"code": "InstallationFailed", "level": "Error", "message": "no", "time": "t", "displayStatus": "d"}
        ],
        "configurationSettings": {"a": "b"},
        "somethingNew": {"x": 1},
    },
}
OTHER = {"id": "o", "name": "flux", "properties": {"extensionType": "microsoft.flux", "statuses": None}}


async def test_service_connectors_extension_is_found_among_others_whatever_its_case(azure: Azure) -> None:
    azure.arm.on(EXTENSIONS, Reply(200, {"value": [OTHER, CONNECTOR]}))
    found = await azure.client.extension(AKS)
    assert found is not None
    assert (found.name, found.version, found.provisioning_state) == ("sc-extension", "1.2.3", "Failed")
    assert (found.release_namespace, found.release_train, found.auto_upgrade) == ("sc-system", "prod", False)
    assert found.error is not None
    assert (found.error.code, found.error.message, found.error.display) == ("InstallationFailed", "no", "d")
    assert azure.arm.asked[0].query == {"api-version": "2023-05-01"}


@pytest.mark.parametrize("odd", [{"value": 7}, {"value": [None]}, [], {}])
async def test_extensions_of_an_odd_shape_are_a_problem_and_no_crash(azure: Azure, odd: Any) -> None:
    azure.arm.on(EXTENSIONS, Reply(200, odd))
    assert (await failure(azure.client.extension(AKS))).kind is ProblemKind.PROTOCOL


async def test_no_extension_is_none(azure: Azure) -> None:
    azure.arm.on(EXTENSIONS, Reply(200, {"value": [OTHER]}), Reply(200, {"value": [{}]}))
    for _ in range(2):
        assert await azure.client.extension(AKS) is None


async def test_a_read_of_an_unregistered_subscription_registers_nothing(azure: Azure) -> None:
    said = "The subscription is not registered to use namespace 'Microsoft.KubernetesConfiguration'."
    refusal = error(409, "MissingSubscriptionRegistration", said)
    azure.arm.on(EXTENSIONS, refusal)
    azure.arm.on(LINKERS, refusal)
    for asking in (azure.client.extension(AKS), azure.client.linkers(AKS)):
        problem = await failure(asking)
        assert problem.kind is ProblemKind.CONFLICT
        assert problem.remedy == "az provider register -n Microsoft.KubernetesConfiguration --subscription s-1"
        assert problem.server_words == said
    assert [(asked.method, asked.path) for asked in azure.arm.asked] == [("GET", EXTENSIONS), ("GET", LINKERS)]


@pytest.mark.parametrize(
    ("reply", "kind", "wait"),
    [
        (error(429, "TooManyRequests", "slow", **{"Retry-After": "17"}), ProblemKind.THROTTLED, 17.0),
        (error(503, "ServerBusy", "later", **{"Retry-After": "1"}), ProblemKind.SERVER, 1.0),
        (error(409, "Conflict", "busy", **{"Retry-After": "1"}), ProblemKind.CONFLICT, 1.0),
        (error(404, "ResourceNotFound", "no"), ProblemKind.NOT_FOUND, None),
        (error(403, "AuthorizationFailed", "no"), ProblemKind.FORBIDDEN, None),
        (Reply(500, "<html>oops</html>"), ProblemKind.SERVER, None),
        (Reply(200, "<html>sign in</html>"), ProblemKind.PROTOCOL, None),
        (Reply(200, '{"value": [', {"Content-Type": "application/json"}), ProblemKind.PROTOCOL, None),
        (RESET, ProblemKind.UNREACHABLE, None),
        (Reply(302, "", {"Location": "https://login.example.com"}), ProblemKind.PROTOCOL, None),
    ],
)
async def test_every_refusal_is_told_at_once_and_not_tried_again_in_silence(
    azure: Azure, reply: Reply, kind: ProblemKind, wait: float | None
) -> None:
    azure.arm.on(LINKERS, reply)
    azure.arm.on(EXTENSIONS, reply)
    for asking in (azure.client.linkers(AKS), azure.client.extension(AKS)):
        problem = await failure(asking)
        assert (problem.kind, problem.retry_after) == (kind, wait)
    assert len(azure.arm.asked) == 2 if reply is not RESET else len(azure.arm.asked) <= 4


async def test_an_unreachable_arm_is_said_in_plain_words(azure: Azure) -> None:
    url = azure.arm.url
    await azure.arm.__aexit__()
    for asking in (azure.client.linkers(AKS), azure.client.extension(AKS)):
        problem = await failure(asking)
        assert problem.kind is ProblemKind.UNREACHABLE
        assert "refused" in problem.summary
        assert problem.target.startswith(url)


async def test_an_untrusted_arm_is_said_in_plain_words(azure: Azure) -> None:
    stranger = Http({})
    credentials = AzureCredentials(stranger, azure.credentials.cloud, azure.credentials._environ, azure.clock)  # pyright: ignore[reportPrivateUsage]
    try:
        problem = await failure(AzureArm(stranger, credentials).linkers(AKS))
        assert problem.kind is ProblemKind.UNREACHABLE
        assert "certificate is not trusted" in problem.summary
    finally:
        await credentials.close()
        await stranger.close()


async def test_a_refused_token_is_renewed_once(azure: Azure) -> None:
    azure.arm.on("/subscriptions", Reply(200, {"value": []}))
    await azure.client.subscriptions()
    await azure.clock.advance(61)
    azure.arm.on("/subscriptions", error(401, "ExpiredAuthenticationToken", "old"), Reply(200, {"value": []}))
    assert await azure.client.subscriptions() == ()
    assert len(azure.identity.asked) == 2
    azure.arm.on("/subscriptions", error(401, "InvalidAuthenticationToken", "no"))
    problem = await failure(azure.client.subscriptions())
    assert (problem.kind, problem.remedy) == (ProblemKind.SIGNED_OUT, "az login")


@pytest.mark.parametrize(("life", "kept"), [(3600, 3300), (100, 30)])
async def test_a_token_is_renewed_before_it_ends_but_not_at_every_call(azure: Azure, life: int, kept: int) -> None:
    """az hands out what it has cached, so a token may come with little of its life left; azure-identity's own cache
    goes by the real clock, so its chain is stood in for."""
    asked: list[str] = []

    class Chain:
        async def get_token(self, scope: str, claims: str | None = None) -> AccessToken:
            asked.append(scope)
            return AccessToken(f"t{len(asked)}", int(azure.clock.now()) + life)

        async def close(self) -> None: ...

    azure.credentials._chain = Chain()  # pyright: ignore[reportPrivateUsage]
    scope = azure.credentials.cloud.scope
    assert await azure.credentials.token(scope) == "t1"
    await azure.clock.advance(kept - 2)
    assert await azure.credentials.token(scope) == "t1"
    await azure.clock.advance(4)
    assert await azure.credentials.token(scope) == "t2"


async def test_a_laptop_without_azure_asks_nobody(http: Http, tmp_path: Path) -> None:
    cloud = AzureCloud("c", "https://127.0.0.1:9", "https://127.0.0.1:9/.default")
    credentials = AzureCredentials(http, cloud, {"HOME": str(tmp_path), "PATH": str(tmp_path)}, ManualClock())
    assert not credentials.configured
    problem = await failure(AzureArm(http, credentials).subscriptions())
    assert (problem.kind, problem.remedy) == (ProblemKind.SIGNED_OUT, "az login")
    assert "no credentials were found" in problem.summary


async def test_a_sign_in_that_is_refused_names_the_command_and_the_reason(azure: Azure) -> None:
    azure.identity.on("/msi/token", Reply(403, {"statusCode": 403, "message": "The X-IDENTITY-HEADER is not valid."}))
    problem = await failure(azure.client.subscriptions())
    assert (problem.kind, problem.remedy) == (ProblemKind.SIGNED_OUT, "az login")
    assert "ManagedIdentityCredential" in problem.server_words


@pytest.mark.parametrize(
    ("environ", "profile", "chassis", "expected"),
    [
        ({}, None, None, False),
        ({}, {"subscriptions": []}, None, False),
        ({}, {"subscriptions": [{"id": "s"}]}, None, True),
        ({}, "damaged", None, False),
        ({"IDENTITY_ENDPOINT": "http://x"}, None, None, True),
        ({"AZURE_FEDERATED_TOKEN_FILE": "/x"}, None, None, True),
        ({"AZURE_TENANT_ID": "t"}, None, None, False),
        ({"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c"}, None, None, True),
        ({}, None, "7783-7084-3265-9085-8269-3286-77\n", True),
        ({}, None, "Asset-1234", False),
    ],
)
def test_the_signs_of_an_azure_identity(
    tmp_path: Path, environ: dict[str, str], profile: Any, chassis: str | None, expected: bool
) -> None:
    if profile is not None:
        text = profile if isinstance(profile, str) else json.dumps(profile)
        (tmp_path / "azureProfile.json").write_text(text, encoding="utf-8-sig")  # az writes a byte-order mark
    tag = tmp_path / "tag"
    if chassis is not None:
        tag.write_text(chassis)
    assert has_identity({"AZURE_CONFIG_DIR": str(tmp_path), **environ}, tag) is expected


def kubeconfig(user: dict[str, Any]) -> Reply:
    document = {
        "clusters": [{"name": "aks-1", "cluster": {"server": "https://aks-1.example:443"}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "aks-1", "context": {"cluster": "aks-1", "user": "u"}}],
        "current-context": "aks-1",
    }
    value = base64.b64encode(yaml.safe_dump(document).encode()).decode()
    return Reply(200, {"kubeconfigs": [{"name": "clusterUser", "value": value}]})


CREDENTIAL = f"POST {AKS_ID}/listClusterUserCredential"


async def test_the_way_to_a_cluster_with_local_accounts(azure: Azure) -> None:
    azure.arm.on(CREDENTIAL, kubeconfig({"token": "local"}))
    endpoint = await azure.client.endpoint(AKS)
    assert endpoint.server == "https://aks-1.example:443"
    assert (await endpoint.auth.access()).headers == (("Authorization", "Bearer local"),)
    assert endpoint.tls == TlsSpec()


async def test_the_way_to_a_cluster_with_entra_sign_in_needs_no_kubelogin(azure: Azure) -> None:
    arguments = [
        "get-token",
        "--login",
        "devicecode",
        "--server-id",
        "6dae42f8",
        "--client-id",
        "c",
        "--tenant-id",
        "t",
    ]
    spec = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "kubelogin", "args": arguments}
    azure.arm.on(CREDENTIAL, kubeconfig({"exec": spec}))
    endpoint = await azure.client.endpoint(AKS)
    ((name, value),) = (await endpoint.auth.access()).headers
    assert name == "Authorization"
    claims = json.loads(base64.urlsafe_b64decode(value.split(".")[1] + "=="))
    assert claims["aud"] == "6dae42f8"
    assert endpoint.auth.account == "ana@example.com"


@pytest.mark.parametrize(
    "given", [{}, {"kubeconfigs": []}, {"kubeconfigs": [{"value": "%"}]}, {"kubeconfigs": [{"value": ""}]}]
)
async def test_an_answer_without_a_kubeconfig_is_a_protocol_error(azure: Azure, given: Any) -> None:
    azure.arm.on(CREDENTIAL, Reply(200, given))
    assert (await failure(azure.client.user_kubeconfig(AKS))).kind is ProblemKind.PROTOCOL
