"""The environment with which the real gcloud, kubectl and az, and clusterview itself, talk to the simulated clouds.

Everything a tool would keep in the home folder goes to a folder of its own per person, so that neither the user's
real credentials are touched nor those of the simulation left behind.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from tui.errors import UsageError
from tui.sim.azure.cloud import CLOUD_NAME
from tui.sim.ca import write_private
from tui.sim.listener import HOST
from tui.sim.people import People
from tui.sim.scenario import Scenario

GOOGLE_APIS = (
    "GKEHUB",
    "CONNECTGATEWAY",
    "CLOUDRESOURCEMANAGER",
    "SERVICEUSAGE",
    "IAM",
    "IAMCREDENTIALS",
    "CLOUDQUOTAS",
    "CONTAINER",
    "GKEONPREM",
    "LOGGING",
)
"""APIs whose endpoint gcloud lets one override."""

_AZURE_ENDPOINTS = (
    "management",
    "resource_manager",
    "active_directory",
    "active_directory_resource_id",
    "active_directory_graph_resource_id",
    "microsoft_graph_resource_id",
)


class Environment:
    """Makes the folders and the variables. folder: below it, one folder per person."""

    def __init__(
        self, folder: Path, scenario: Scenario, people: People, ca_pem: Path, base_url: str, token_url: str
    ) -> None:
        self._folder = folder
        self._scenario = scenario
        self._people = people
        self._ca_pem = ca_pem
        self._base_url = base_url
        self._token_url = token_url

    def variables(self, person: str) -> dict[str, str]:
        """All variables for a person, by id. Writes his folder. Raises UsageError for somebody unknown."""
        if person not in self._people.tokens:
            known = ", ".join(self._people.tokens)
            raise UsageError(f"nobody named {person!r} in scenario {self._scenario.name!r}; there are: {known}")
        home = self._folder / person
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        kubeconfig = home / "kubeconfig"
        if not kubeconfig.exists():
            write_private(kubeconfig, b"apiVersion: v1\nkind: Config\n")
        self._write_azure(home / "azure")
        return {
            **self._google(person, home),
            "KUBECONFIG": str(kubeconfig),
            **self._azure(person, home),
            **self._trust(),
            **self._own(),
        }

    def script(self, person: str, control_secret: str = "") -> str:
        """The variables as a shell script to be sourced, with a word on what each part is for."""
        home = self._folder / person
        variables = self.variables(person)
        parts = (
            (f"gcloud, and its kubectl plugin, as {person}", self._google(person, home)),
            ("kubectl; gcloud container fleet memberships get-credentials writes this file", ("KUBECONFIG",)),
            ("az, signed in by managed identity: az login --identity", self._azure(person, home)),
            ("every tool: trust the throw-away certificate authority, and no proxy in between", self._trust()),
            ("clusterview", self._own()),
        )
        lines = [f"# Simulated clouds at {self._base_url}, scenario {self._scenario.name!r}."]
        for title, names in parts:
            if names:
                lines.append(f"# {title}")
                lines += [f"export {name}={shlex.quote(variables[name])}" for name in names]
        if control_secret:
            lines.append("# misbehaviour on demand: the X-Sim-Control header of the endpoint /_sim/faults")
            lines.append(f"export CLUSTERVIEW_SIM_CONTROL={shlex.quote(control_secret)}")
        return "\n".join(lines) + "\n"

    def script_files(self) -> dict[str, Path]:
        """The same script for everybody, each in a file of his folder, by person."""
        found = {person: self._folder / person / "env" for person in self._people.tokens}
        for person, path in found.items():
            write_private(path, self.script(person).encode())
        return found

    def _google(self, person: str, home: Path) -> dict[str, str]:
        overrides = {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{api}": f"{self._base_url}/" for api in GOOGLE_APIS}
        # gcloud takes this one only under the name localhost; its get-credentials for these clusters crashes even so.
        overrides["CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEMULTICLOUD"] = self._base_url.replace(HOST, "localhost") + "/"
        project = self._scenario.projects[0].id if self._scenario.projects else ""
        return {
            "CLOUDSDK_CONFIG": str(home / "gcloud"),
            "CLOUDSDK_CORE_ACCOUNT": self._people.resolve(person),
            "CLOUDSDK_CORE_PROJECT": project,
            "CLOUDSDK_AUTH_ACCESS_TOKEN": self._people.tokens[person],
            **overrides,
            "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": str(self._ca_pem),
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
        }

    def _azure(self, person: str, home: Path) -> dict[str, str]:
        if not self._scenario.subscriptions:
            return {}
        return {
            "AZURE_CONFIG_DIR": str(home / "azure"),
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_CORE_LOGIN_EXPERIENCE_V2": "off",
            "IDENTITY_ENDPOINT": self._token_url,
            "IDENTITY_HEADER": self._people.identity_headers[person],
        }

    def _trust(self) -> dict[str, str]:
        hosts = "127.0.0.1,localhost"
        authority = str(self._ca_pem)
        return {"REQUESTS_CA_BUNDLE": authority, "SSL_CERT_FILE": authority, "NO_PROXY": hosts, "no_proxy": hosts}

    def _own(self) -> Mapping[str, str]:
        """Only where gcloud's one project is not the whole world."""
        if len(self._scenario.projects) < 2:
            return {}
        return {"CLUSTERVIEW_PROJECTS": ",".join(project.id for project in self._scenario.projects)}

    def _write_azure(self, folder: Path) -> None:
        """What `az cloud register` and `az cloud set` would have written."""
        config = (
            f"[cloud]\nname = {CLOUD_NAME}\n\n[core]\ncollect_telemetry = no\nlogin_experience_v2 = off\n\n"
            "[extension]\nuse_dynamic_install = no\n"
        )
        endpoints = "".join(f"endpoint_{name} = {self._base_url}/\n" for name in _AZURE_ENDPOINTS)
        write_private(folder / "config", config.encode())
        write_private(folder / "clouds.config", f"[{CLOUD_NAME}]\n{endpoints}".encode())


def merged(variables: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """`variables` over an environment, without what would lead a tool to real accounts after all."""
    kept = {name: value for name, value in environ.items() if name not in ("GOOGLE_APPLICATION_CREDENTIALS",)}
    return {**kept, **variables}
