"""Subscriptions, and which resource providers each has registered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from tui.sim.azure.errors import ArmError, unregistered
from tui.sim.azure.routes import Call, Route, roles, route
from tui.sim.scenario import SubscriptionSpec

_REGISTER_SECONDS = 5.0
_KNOWN = (
    "Microsoft.ContainerService",
    "Microsoft.KubernetesConfiguration",
    "Microsoft.ManagedIdentity",
    "Microsoft.ServiceLinker",
    "Microsoft.Storage",
    "Microsoft.KeyVault",
)
_TYPES = {
    "Microsoft.ContainerService": ("managedClusters",),
    "Microsoft.KubernetesConfiguration": ("extensions", "fluxConfigurations"),
    "Microsoft.ServiceLinker": ("linkers", "dryruns", "locations/operationStatuses"),
}


class Subscriptions:
    """All subscriptions by id in lower case. Registering a provider takes a while, during which it says so."""

    def __init__(self, specs: Mapping[str, SubscriptionSpec], now: Callable[[], float]) -> None:
        self._specs = specs
        self._now = now
        self._states = {
            (spec.id, namespace.lower()): state
            for spec in specs.values()
            for namespace, state in spec.providers.items()
        }
        self._registering: dict[tuple[str, str], float] = {}

    async def list(self, call: Call) -> web.Response:
        """Those the caller has any role on: all, or none."""
        shown = [_shown(spec) for spec in self._specs.values()] if any(roles(call.caller)) else []
        count = {"type": "Total", "value": len(shown)}
        return web.json_response({"value": shown, "count": count})

    async def get(self, call: Call) -> web.Response:
        return web.json_response(_shown(call.the_subscription))

    def require(self, subscription: SubscriptionSpec, namespace: str) -> None:
        """Raise ArmError 409 unless the provider is registered."""
        if self._state(subscription.id, namespace) != "Registered":
            raise unregistered(namespace)

    def _state(self, id: str, namespace: str) -> str:
        key = (id, namespace.lower())
        due = self._registering.get(key)
        if due is not None and self._now() >= due:
            del self._registering[key]
            self._states[key] = "Registered"
        return "Registering" if key in self._registering else self._states.get(key, "Registered")

    async def provider(self, call: Call) -> web.Response:
        namespace = _canonical(call.params["namespace"])
        return web.json_response(self._provider(call.the_subscription.id, namespace))

    async def providers(self, call: Call) -> web.Response:
        shown = [self._provider(call.the_subscription.id, namespace) for namespace in _KNOWN]
        return web.json_response({"value": shown})

    async def register(self, call: Call) -> web.Response:
        id, namespace = call.the_subscription.id, _canonical(call.params["namespace"])
        if self._state(id, namespace) != "Registered":
            self._registering.setdefault((id, namespace.lower()), self._now() + _REGISTER_SECONDS)
        return web.json_response(self._provider(id, namespace))

    def _provider(self, id: str, namespace: str) -> dict[str, object]:
        types: list[object] = [
            {"resourceType": name, "locations": [], "apiVersions": []} for name in _TYPES.get(namespace, ())
        ]
        return {
            "id": f"/subscriptions/{id}/providers/{namespace}",
            "namespace": namespace,
            "registrationPolicy": "RegistrationRequired",
            "registrationState": self._state(id, namespace),
            "resourceTypes": types,
        }

    def routes(self) -> list[Route]:
        base = "/subscriptions/{subscription}"
        read, register = "Microsoft.Resources/subscriptions/providers/read", "/register/action"
        return [
            route("GET", "/subscriptions", "", self.list),
            route("GET", base, "Microsoft.Resources/subscriptions/read", self.get),
            route("GET", f"{base}/providers", read, self.providers),
            route("GET", base + "/providers/{namespace}", read, self.provider),
            route("POST", base + "/providers/{namespace}/register", register, self.register),
        ]


def _canonical(namespace: str) -> str:
    """The namespace as ARM spells it. Raises ArmError 404."""
    for known in _KNOWN:
        if known.lower() == namespace.lower():
            return known
    raise ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")


def _shown(spec: SubscriptionSpec) -> dict[str, object]:
    return {
        "id": f"/subscriptions/{spec.id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": spec.id,
        "tenantId": spec.tenant,
        "displayName": spec.name,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
    }
