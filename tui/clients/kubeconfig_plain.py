"""Entries of a kubeconfig that say everything themselves: certificates and a token, in the file or in files beside it.

Most do, and a short command need not pay for the import of the kubernetes package (a quarter of its whole time) to copy
them. Whatever is not as plain as that, or not as it should be, is left to the package and its words for it.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from tui.clients.json_fields import JsonObject, flag, text
from tui.clients.kube_endpoint import Access
from tui.clients.tls import TlsSpec

_CLUSTER = frozenset(
    {
        "server",
        "certificate-authority",
        "certificate-authority-data",
        "insecure-skip-tls-verify",
        "tls-server-name",
        "proxy-url",
        "extensions",
    }
)
_USER = frozenset({"token", "client-certificate", "client-certificate-data", "client-key", "client-key-data"})
_OURS = frozenset({"exec", "tokenFile", "as", "as-uid", "as-groups", "as-user-extra", "extensions"})
"""What of a user is read elsewhere."""


def plain_access(cluster: JsonObject, user: JsonObject) -> tuple[Access, TlsSpec] | None:
    """An Authorization header, and whom to trust and what to show; None where the entries are not plain. Blocks: reads
    files."""
    if set(cluster) - _CLUSTER or set(user) - _USER - _OURS:
        return None
    try:
        ca = _content(cluster, "certificate-authority")
        certificate, key = _content(user, "client-certificate"), _content(user, "client-key")
    except (OSError, ValueError, binascii.Error):
        return None
    token = " ".join(text(user, "token").split())
    if ("token" in user and not token) or bool(certificate) != bool(key):
        return None
    tls = TlsSpec(ca, certificate, key, flag(cluster, "insecure-skip-tls-verify"), text(cluster, "tls-server-name"))
    return Access((("Authorization", f"Bearer {token}"),) if token else ()), tls


def _content(entry: JsonObject, name: str) -> bytes:
    """Of a file, or of the data that stands in its place; b"" for neither. Raises OSError, and ValueError for what is
    not plain."""
    path, data = entry.get(name), entry.get(f"{name}-data")
    if path and data:
        raise ValueError(name)
    if data:
        if not isinstance(data, str):
            raise ValueError(name)
        return base64.b64decode(data, validate=True)
    if path:
        found = Path(str(path)).read_bytes()
        if not found:
            raise ValueError(name)
        return found
    if path is not None or data is not None:
        raise ValueError(name)
    return b""
