"""/version and the health endpoints, as recorded (version, healthz-livez-verbose)."""

from __future__ import annotations

from aiohttp import web

from tui.sim.kube.deprecation import minor_of
from tui.sim.kube.respond import not_found_page, plain
from tui.sim.kube.status import Obj

_HOOKS = (
    "start-apiserver-admission-initializer",
    "generic-apiserver-start-informers",
    "priority-and-fairness-config-consumer",
    "priority-and-fairness-filter",
    "storage-object-count-tracker-hook",
    "start-apiextensions-informers",
    "start-apiextensions-controllers",
    "crd-informer-synced",
    "start-system-namespaces-controller",
    "peer-endpoint-reconciler-controller",
    "start-cluster-authentication-info-controller",
    "start-kube-apiserver-identity-lease-controller",
    "start-kube-apiserver-identity-lease-garbage-collector",
    "storage-readiness",
    "start-legacy-token-tracking-controller",
    "start-service-ip-repair-controllers",
    "rbac/bootstrap-roles",
    "scheduling/bootstrap-system-priority-classes",
    "priority-and-fairness-config-producer",
    "bootstrap-controller",
    "start-kubernetes-service-cidr-controller",
    "aggregator-reload-proxy-client-cert",
    "start-kube-aggregator-informers",
    "apiservice-status-local-available-controller",
    "apiservice-status-remote-available-controller",
    "apiservice-registration-controller",
    "apiservice-wait-for-first-sync",
    "apiservice-discovery-controller",
    "kube-apiserver-autoregistration",
)
_AFTER = (
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
)
_CHECKS = (
    "ping",
    "log",
    "loopback-serving-certificate",
    "etcd",
    *(f"poststarthook/{hook}" for hook in _HOOKS),
    *_AFTER,
)
_ENDPOINTS = {"healthz": _CHECKS, "livez": _CHECKS, "readyz": (*_CHECKS[:4], "informer-sync", *_CHECKS[4:], "shutdown")}


def serve_health(request: web.Request, path: str) -> web.StreamResponse | None:
    """/healthz, /livez, /readyz, with ?verbose and ?exclude=, or one check below them; None for another path."""
    endpoint, _, check = path.strip("/").partition("/")
    checks = _ENDPOINTS.get(endpoint)
    if checks is None:
        return None
    if check:
        return plain("ok") if check in checks else not_found_page()
    if "verbose" not in request.query:
        return plain("ok")
    excluded = request.query.getall("exclude", [])
    lines = [f"[+]{name} excluded: ok" if name in excluded else f"[+]{name} ok" for name in checks]
    return plain("\n".join(lines) + f"\n{endpoint} check passed\n")


def version_info(version: str) -> Obj:
    """version: "v1.33.4-gke.100"; the minor one is read from it."""
    minor = minor_of(version)
    shown: Obj = {"major": "1", "minor": str(minor)}
    if minor >= _EMULATION_SINCE:
        shown |= {
            "emulationMajor": "1",
            "emulationMinor": str(minor),
            "minCompatibilityMajor": "1",
            "minCompatibilityMinor": str(minor - 1),
        }
    return {
        **shown,
        "gitVersion": version,
        "gitCommit": "98b35193b2ac7a23a673325f5e9b830ecd5ba406",
        "gitTreeState": "clean",
        "buildDate": "2026-08-21T11:29:11Z",
        "goVersion": "go1.26.6",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


_EMULATION_SINCE = 34
"""The minor version from which /version says what it emulates."""
