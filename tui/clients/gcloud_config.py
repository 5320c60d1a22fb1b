"""gcloud's own configuration, read without running gcloud (which takes most of a second to say one word).

The rule is gcloud's: `CLOUDSDK_SECTION_PROPERTY` in the environment first, then the active configuration's file under
$CLOUDSDK_CONFIG (else ~/.config/gcloud). Whatever is missing or unreadable is simply not configured.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

DEFAULT_ENDPOINTS = {
    "gkehub": "https://gkehub.googleapis.com/",
    "connectgateway": "https://connectgateway.googleapis.com/",
    "cloudresourcemanager": "https://cloudresourcemanager.googleapis.com/",
    "serviceusage": "https://serviceusage.googleapis.com/",
    "iamcredentials": "https://iamcredentials.googleapis.com/",
}
"""The services asked for and where they are; `GcloudConfig.endpoints` overrides them."""


class GcloudConfig(Struct, frozen=True):
    """What gcloud is set to; "" where it is not.

    folder: where gcloud keeps it, with the application-default credentials. endpoints: service -> base URL, only
    those overridden. impersonate: the service accounts to act as, a delegation chain separated by commas. ca_file:
    core/custom_ca_certs_file. token_file: auth/access_token_file. source: the file read, "" where none was.
    """

    project: str = ""
    account: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict[str, str])
    impersonate: str = ""
    ca_file: str = ""
    token_file: str = ""
    folder: Path = Path()
    source: str = ""

    def endpoint(self, service: str) -> str:
        """The base URL of `service`, ending in a slash."""
        return self.endpoints.get(service) or DEFAULT_ENDPOINTS[service]

    def is_overridden(self, service: str) -> bool:
        """Whether the user (or a simulator) has pointed `service` elsewhere; then no regional host is made up."""
        return bool(self.endpoints.get(service))


def config_folder(environ: Mapping[str, str]) -> Path:
    """Where gcloud keeps its configuration and the application-default credentials."""
    if environ.get("CLOUDSDK_CONFIG"):
        return Path(environ["CLOUDSDK_CONFIG"])
    if os.name == "nt" and environ.get("APPDATA"):
        return Path(environ["APPDATA"]) / "gcloud"
    return Path(environ.get("HOME") or Path.home()) / ".config" / "gcloud"


def read_gcloud_config(environ: Mapping[str, str] = os.environ) -> GcloudConfig:
    """The configuration in force now."""
    folder = config_folder(environ)
    path = folder / "configurations" / f"config_{_active_name(environ, folder)}"
    stored = _read_ini(path)

    def setting(section: str, name: str) -> str:
        variable = f"CLOUDSDK_{section}_{name}".upper()
        return environ.get(variable) or stored.get(section, {}).get(name, "")

    services = set(DEFAULT_ENDPOINTS) | set(stored.get("api_endpoint_overrides", {}))
    overrides = {service: setting("api_endpoint_overrides", service) for service in services}
    return GcloudConfig(
        project=setting("core", "project"),
        account=setting("core", "account"),
        endpoints={service: f"{url.rstrip('/')}/" for service, url in overrides.items() if url},
        impersonate=setting("auth", "impersonate_service_account"),
        ca_file=setting("core", "custom_ca_certs_file"),
        token_file=setting("auth", "access_token_file"),
        folder=folder,
        source=str(path) if stored else "",
    )


def _active_name(environ: Mapping[str, str], folder: Path) -> str:
    named = environ.get("CLOUDSDK_ACTIVE_CONFIG_NAME", "")
    if named:
        return named
    try:
        return (folder / "active_config").read_text(encoding="utf-8").strip() or "default"
    except (OSError, UnicodeDecodeError):
        return "default"


def _read_ini(path: Path) -> dict[str, dict[str, str]]:
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    import configparser  # where there is something to parse

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(content)
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}
