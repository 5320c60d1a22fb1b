"""TLS contexts: whom to trust and which client certificate to show. Verification is never off but by the user's own
`insecure-skip-tls-verify`.

A context costs some 20 ms to build (it reads the system's CA bundle), so it is built in a thread and kept; requests
share a connection only when they share the very context object, so equal specifications must yield one object.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tui.clients.problem_bodies import words
from tui.clients.shared import failed, start
from tui.clients.unspoken import Unspoken
from tui.errors import Problem, ProblemKind, SourceError

CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE")
"""Whose files are trusted beside the system's store: OpenSSL's own, the one az and requests read, and gcloud's."""


class TlsSpec(Unspoken, frozen=True):
    """ca: PEM of the only CAs to trust, b"" = the system's. certificate and key: PEM shown to the server, b"" = none.
    insecure: do not verify. server_name: the name the certificate must bear, "" = the host of the URL."""

    ca: bytes = b""
    certificate: bytes = b""
    key: bytes = b""
    insecure: bool = False
    server_name: str = ""


SYSTEM_TRUST = TlsSpec()


def extra_ca_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The CA files that the environment adds to the system's store."""
    return tuple(dict.fromkeys(Path(environ[name]) for name in CA_VARIABLES if environ.get(name)))


class TlsContexts:
    """Builds each context once."""

    def __init__(self, extra_cas: tuple[Path, ...] = ()) -> None:
        self._extra_cas = extra_cas
        self._contexts: dict[TlsSpec, asyncio.Task[ssl.SSLContext]] = {}

    async def get(self, spec: TlsSpec) -> ssl.SSLContext:
        """The context for `spec`. Raises SourceError (MISSING) where a CA or certificate cannot be used."""
        task = self._contexts.get(spec)
        if task is None or failed(task):
            task = self._contexts[spec] = start(asyncio.to_thread(build_context, spec, self._extra_cas))
        return await asyncio.shield(task)


def build_context(spec: TlsSpec, extra_cas: tuple[Path, ...] = ()) -> ssl.SSLContext:
    """A client context for `spec`; reads files. Raises SourceError (MISSING) naming what is unusable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if spec.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif spec.ca:
        try:
            context.load_verify_locations(cadata=spec.ca.decode("ascii", "replace"))
        except ssl.SSLError as exc:
            raise _unusable("the cluster's CA certificate is not PEM", exc) from exc
    else:
        _trust_the_system(context, extra_cas)
    if spec.certificate:
        _show(context, spec)
    return context


def _trust_the_system(context: ssl.SSLContext, extra_cas: tuple[Path, ...]) -> None:
    context.load_default_certs()
    paths = ssl.get_default_verify_paths()
    read = set[str]()  # a bundle takes 20 ms: once, by whichever names it comes
    if paths.cafile and context.cert_store_stats()["x509"]:
        read.add(os.path.realpath(paths.cafile))
    # With SSL_CERT_FILE set OpenSSL leaves out its own bundle, but that variable adds here and takes nothing away.
    if Path(paths.openssl_cafile).is_file():
        _add(context, paths.openssl_cafile, read)
    elif not context.cert_store_stats()["x509_ca"] and not paths.capath:
        import certifi  # a Python that was built without knowing of any system store

        context.load_verify_locations(certifi.where())
    for file in extra_cas:
        try:
            _add(context, file, read)
        except (OSError, ssl.SSLError) as exc:
            raise _unusable(f"the CA file {file} cannot be used", exc) from exc


def _add(context: ssl.SSLContext, file: str | Path, read: set[str]) -> None:
    """Trust the CAs of a file too, unless it was `read`. Raises OSError, ssl.SSLError."""
    if (real := os.path.realpath(file)) not in read:
        context.load_verify_locations(file)
        read.add(real)


def _show(context: ssl.SSLContext, spec: TlsSpec) -> None:
    """OpenSSL takes a certificate from a file only; ours lives for this moment, readable by its owner alone."""
    with tempfile.NamedTemporaryFile(prefix="clusterview-", suffix=".pem") as pem:
        pem.write(spec.certificate.rstrip() + b"\n" + spec.key)
        pem.flush()
        try:
            context.load_cert_chain(pem.name)
        except ssl.SSLError as exc:
            raise _unusable("the client certificate or its key cannot be used", exc) from exc


def _unusable(summary: str, exc: Exception) -> SourceError:
    return SourceError(Problem(ProblemKind.MISSING, summary, words(str(exc))))
