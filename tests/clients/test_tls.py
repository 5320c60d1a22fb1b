"""Which CA files are read for whom: a bundle takes as long to read as a short command's whole answer."""

from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
import pytest
import trustme

from tests.clients.scripted import Reply, ScriptedServer
from tui.clients import tls
from tui.clients.http import Http
from tui.clients.tls import SYSTEM_TRUST, TlsSpec, build_context
from tui.errors import SourceError


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that contexts are told to read, beyond what OpenSSL reads by itself."""
    files: list[str] = []
    load = ssl.SSLContext.load_verify_locations

    def loads(context: ssl.SSLContext, cafile: str | Path | None = None, **others) -> None:
        if cafile is not None:
            files.append(Path(cafile).name)
        load(context, cafile, **others)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", loads)
    return files


async def test_a_cluster_with_a_ca_of_its_own_waits_for_no_other(
    tls_server: ScriptedServer, http: Http, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[TlsSpec] = []
    build = tls.build_context
    monkeypatch.setattr(tls, "build_context", lambda spec, extra: built.append(spec) or build(spec, extra))
    tls_server.on("/x", Reply(200, "ok"))
    own = TlsSpec(ca=authority.cert_pem.bytes())
    assert (await http.request("GET", f"{tls_server.url}/x", tls=own)).status == 200
    assert built == [own]
    session = await http.opened()  # an SDK's requests say nothing of whom they trust
    assert built == [own, SYSTEM_TRUST]
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await session.get(f"{tls_server.url}/x")


def test_a_file_by_several_names_is_read_once(tmp_path: Path, authority: trustme.CA, read: list[str]) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    (tmp_path / "link.pem").symlink_to("ca.pem")
    context = build_context(SYSTEM_TRUST, (tmp_path / "ca.pem", tmp_path / "link.pem"))
    assert read.count("ca.pem") + read.count("link.pem") == 1
    assert _trusts(context, authority)


def test_what_openssl_reads_by_itself_is_not_read_again(
    tmp_path: Path, authority: trustme.CA, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = build_context(SYSTEM_TRUST, (tmp_path / "ca.pem",))
    assert "ca.pem" not in read
    assert _trusts(context, authority)


def test_one_that_openssl_could_not_read_is_still_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.pem").write_text("nothing of the kind")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with pytest.raises(SourceError, match=r"ca\.pem cannot be used"):
        build_context(SYSTEM_TRUST, (tmp_path / "ca.pem",))


def _trusts(context: ssl.SSLContext, authority: trustme.CA) -> bool:
    return ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode()) in context.get_ca_certs(binary_form=True)
