"""Credentials from a kubeconfig's exec plugin, run as kubectl runs it (client.authentication.k8s.io).

The kubernetes package has a runner too, but it hands the plugin our terminal, logs its failure instead of raising it,
and knows no expiry. Here the plugin gets no terminal, its stderr is shown in the Problem, it runs once at a time per
user entry however many contexts share that entry, and again before its credential expires or when it is refused.
"""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tui.clients.json_fields import JsonObject, as_object, child, children, parse_object, text, texts, value_at
from tui.clients.kube_endpoint import Access
from tui.clients.problem_bodies import words
from tui.clients.renewing import Lease, Renewing
from tui.clients.timestamps import epoch
from tui.clients.tools import run_tool
from tui.clock import Clock
from tui.errors import Problem, ProblemKind, SourceError

PLUGIN_TIMEOUT = 60.0
_REFRESH_AHEAD = 60.0
_VERSIONS = tuple(f"client.authentication.k8s.io/{version}" for version in ("v1", "v1beta1", "v1alpha1"))
_INFO_EXTENSION = "client.authentication.k8s.io/exec"

_CURES = {  # by the plugin's name: the command that renews its sign-in, and the one that installs it
    "gke-gcloud-auth-plugin": ("gcloud auth login", "gcloud components install gke-gcloud-auth-plugin"),
    "gcloud": ("gcloud auth login", ""),
    "kubelogin": ("az login", "az aks install-cli"),
    "aws": ("aws sso login", ""),
    "aws-iam-authenticator": ("aws sso login", ""),
    "doctl": ("doctl auth init", ""),
    "oci": ("oci session authenticate", ""),
    "tsh": ("tsh login", ""),
}


class ExecPlugin:
    """An `Authoriser` over one user entry. spec: its `exec` object, paths absolute. cluster: the cluster entry, told to
    plugins that ask for it. where: file and user entry, for problems."""

    def __init__(
        self, spec: JsonObject, cluster: JsonObject, where: str, environ: Mapping[str, str], clock: Clock
    ) -> None:
        self._spec = spec
        self._cluster = cluster
        self._where = where
        self._environ = environ
        self._name = os.path.basename(text(spec, "command"))
        self._cure, self._install = _CURES.get(self._name, ("", ""))
        self._renewing = Renewing(self._run, clock)
        self.account = ""
        self.remedy = self._cure

    async def access(self) -> Access:
        return await self._renewing.get()

    def refused(self, access: Access) -> bool:
        return self._renewing.refuse(access)

    async def _run(self) -> Lease[Access]:
        version = text(self._spec, "apiVersion")
        if version not in _VERSIONS:
            raise self._broken(f"exec.apiVersion {version or '(none)'} is not known")
        if text(self._spec, "interactiveMode") == "Always":
            raise self._broken("its exec plugin wants a terminal of its own (interactiveMode: Always)")
        command = self._found(text(self._spec, "command"))
        try:
            ran = await run_tool(
                (command, *texts(self._spec, "args")), environ=self._told(version), timeout=PLUGIN_TIMEOUT
            )
        except TimeoutError as exc:
            summary = f"{self._name} did not answer within {PLUGIN_TIMEOUT:.0f} s"
            raise SourceError(Problem(ProblemKind.TIMEOUT, summary, remedy=self._cure, target=self._where)) from exc
        except OSError as exc:
            raise SourceError(self._missing(str(exc))) from exc
        if ran.code:
            summary = f"{self._name} gave no credentials (exit code {ran.code})"
            problem = Problem(ProblemKind.SIGNED_OUT, summary, words(ran.err), self._cure, target=self._where)
            raise SourceError(problem)
        return self._lease(parse_object(ran.out), version)

    def _found(self, command: str) -> str:
        found = shutil.which(command, path=self._environ.get("PATH"))
        if found is None:
            raise SourceError(self._missing(text(self._spec, "installHint")))
        return found

    def _told(self, version: str) -> dict[str, str]:
        """The plugin's environment: ours, the entry's, and what the protocol says of the question."""
        added = {text(pair, "name"): text(pair, "value") for pair in children(self._spec, "env")}
        question: JsonObject = {"interactive": False}
        if self._spec.get("provideClusterInfo") is True:
            question["cluster"] = cluster_info(self._cluster)
        info = {"apiVersion": version, "kind": "ExecCredential", "spec": question}
        return {**self._environ, **added, "KUBERNETES_EXEC_INFO": msgspec.json.encode(info).decode()}

    def _lease(self, answer: JsonObject | None, version: str) -> Lease[Access]:
        if answer is None or text(answer, "kind") != "ExecCredential" or text(answer, "apiVersion") != version:
            raise self._broken(f"{self._name} printed no ExecCredential of {version}")
        status = child(answer, "status")
        token = text(status, "token").strip()
        certificate, key = text(status, "clientCertificateData"), text(status, "clientKeyData")
        if not token and not (certificate and key):
            raise self._broken(f"{self._name} gave neither a token nor a certificate with its key")
        headers = (("Authorization", f"Bearer {token}"),) if token else ()
        expires = epoch(text(status, "expirationTimestamp"))
        access = Access(headers, certificate.encode(), key.encode())
        return Lease(access, expires, expires - _REFRESH_AHEAD if expires is not None else None)

    def _missing(self, said: str) -> Problem:
        summary = f"the exec plugin {self._name} is not installed"
        return Problem(ProblemKind.MISSING, summary, words(said), self._install, target=self._where)

    def _broken(self, summary: str) -> SourceError:
        return SourceError(Problem(ProblemKind.INVALID, summary, target=self._where))


def cluster_info(cluster: JsonObject) -> JsonObject:
    """`spec.cluster` of the question (client-go's execCluster): the entry with its CA as data, and what an extension
    named client.authentication.k8s.io/exec holds."""
    kept = ("server", "tls-server-name", "insecure-skip-tls-verify", "proxy-url", "disable-compression")
    info: JsonObject = {key: cluster[key] for key in kept if cluster.get(key)}
    data = text(cluster, "certificate-authority-data")
    file = text(cluster, "certificate-authority")
    if not data and file:
        try:
            data = base64.b64encode(Path(file).read_bytes()).decode()
        except OSError:
            data = ""  # the plugin does without it; the request to the cluster will name the file
    if data:
        info["certificate-authority-data"] = data
    for extension in children(cluster, "extensions"):
        if text(extension, "name") == _INFO_EXTENSION:
            info["config"] = as_object(value_at(extension, "extension")) or value_at(extension, "extension")
    return info
