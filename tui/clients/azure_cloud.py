"""Which Azure cloud: where ARM is, for whom a token must be, and who issues it. Read from az's own configuration."""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct


class AzureCloud(Struct, frozen=True):
    """arm: base URL without a slash at its end. scope: what tokens for ARM are asked for. authority: the sign-in
    service's URL, "" = azure-identity's own."""

    name: str
    arm: str
    scope: str
    authority: str = ""


AZURE_CLOUD = "AzureCloud"
CLOUDS = {
    AZURE_CLOUD: AzureCloud(AZURE_CLOUD, "https://management.azure.com", "https://management.azure.com/.default"),
    "AzureChinaCloud": AzureCloud(
        "AzureChinaCloud",
        "https://management.chinacloudapi.cn",
        "https://management.chinacloudapi.cn/.default",
        "https://login.chinacloudapi.cn",
    ),
    "AzureUSGovernment": AzureCloud(
        "AzureUSGovernment",
        "https://management.usgovcloudapi.net",
        "https://management.usgovcloudapi.net/.default",
        "https://login.microsoftonline.us",
    ),
}
"""The clouds az knows without being told."""


def config_folder(environ: Mapping[str, str]) -> Path:
    """Where az keeps its configuration and profile."""
    return Path(environ.get("AZURE_CONFIG_DIR") or Path(environ.get("HOME") or Path.home()) / ".azure")


def read_azure_cloud(environ: Mapping[str, str] = os.environ) -> AzureCloud:
    """The cloud az is set to (`AZURE_CLOUD_NAME`, else `[cloud] name`), with what `az cloud register` stored of it."""
    folder = config_folder(environ)
    name = environ.get("AZURE_CLOUD_NAME") or _read(folder / "config").get("cloud", "name", fallback=AZURE_CLOUD)
    known = CLOUDS.get(name)
    stored = _read(folder / "clouds.config")

    def endpoint(key: str) -> str:
        return stored.get(name, f"endpoint_{key}", fallback="")

    arm = endpoint("resource_manager").rstrip("/") or (known.arm if known else "")
    if not arm:
        return CLOUDS[AZURE_CLOUD]
    # An audience must be asked for to the letter, with the slash at its end if it has one; az does the same.
    audience = endpoint("active_directory_resource_id") or arm
    authority = endpoint("active_directory").rstrip("/") or (known.authority if known else "")
    return AzureCloud(name, arm, f"{audience}/.default", authority)


def _read(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return configparser.ConfigParser()
    return parser
