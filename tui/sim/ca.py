"""A throw-away certificate authority: the server's certificate, and client certificates for kubeconfigs.

TLS is not for show here: client-go sends no credentials over plain http, azure-core refuses to, and a client which
did not verify the server would hide the mistake that matters most. The authority lives in memory, or in a state
folder, so that a server started again on the same port is trusted by clients still running.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

import trustme

HOSTS = ("localhost", "127.0.0.1", "::1")
"""Names the server's certificate is valid for."""


class Authority:
    """Signs the server's and the clients' certificates. `folder` holds ca.pem, and between starts also the keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_pem = folder / "ca.pem"
        self._key = folder / "ca.key"
        self._server = folder / "server.pem"
        if self.ca_pem.exists() and self._key.exists():
            self._ca = trustme.CA.from_pem(self.ca_pem.read_bytes(), self._key.read_bytes())
        else:
            self._ca = trustme.CA(organization_name="clusterview simulated clouds")
            write_private(self._key, self._ca.private_key_pem.bytes())
            write_private(self.ca_pem, self._ca.cert_pem.bytes())
            self._server.unlink(missing_ok=True)
        if not self._server.exists():
            leaf = self._ca.issue_cert(*HOSTS, common_name="localhost")
            write_private(self._server, leaf.private_key_and_cert_chain_pem.bytes())

    def server_context(self) -> ssl.SSLContext:
        """TLS as an API server speaks it: a client certificate is asked for, and not insisted on."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.ca_pem))
        context.load_cert_chain(str(self._server))
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def client_context(self) -> ssl.SSLContext:
        """What a client that trusts this authority, and no other, uses."""
        return ssl.create_default_context(cafile=str(self.ca_pem))

    def client_certificate(self, user: str, group: str = "") -> tuple[bytes, bytes]:
        """(certificate, key) in PEM: common name = user, organisation = group, as Kubernetes reads them."""
        leaf = self._ca.issue_cert(common_name=user, organization_name=group or "system:authenticated")
        return leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()


def write_private(path: Path, content: bytes) -> None:
    """Write a file nobody else may read, all of it or nothing (a reader never sees half).

    Raises OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:  # mkstemp makes it 0600
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
