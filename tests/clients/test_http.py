"""The HTTP stack over real sockets: every way a request can fail comes out as a Problem in plain words."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from contextlib import aclosing

import pytest
import trustme
from aiohttp.client_proto import ResponseHandler

from tests.clients.scripted import HANG, RESET, Reply, ScriptedServer
from tui.clients import http as http_module
from tui.clients.answers import Stream
from tui.clients.http import Http
from tui.clients.tls import TlsSpec
from tui.errors import Problem, ProblemKind, SourceError


async def _problem(http: Http, url: str, **options) -> Problem:
    with pytest.raises(SourceError) as caught:
        await http.request("GET", url, **options)
    return caught.value.problem


async def _read(http: Http, url: str, got: list[bytes], **options) -> None:
    async with http.stream("GET", url, **options) as stream:
        async for chunk in stream.chunks():
            got.append(chunk)


async def _all(stream: Stream) -> bytes:
    async with aclosing(stream.chunks()) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_an_answer_of_any_status_is_an_answer(server: ScriptedServer, http: Http) -> None:
    server.on("/x", Reply(418, "short and stout", {"X-Y": "z"}))
    answer = await http.request("GET", f"{server.url}/x?q=1", headers={"A": "b"})
    assert (answer.status, answer.body, answer.headers["x-y"]) == (418, b"short and stout", "z")
    asked = server.asked[0]
    assert asked.query == {"q": "1"}
    assert asked.headers["a"] == "b"
    assert asked.headers["user-agent"].startswith("clusterview")


async def test_a_body_is_sent_as_it_is(server: ScriptedServer, http: Http) -> None:
    server.on("POST /x", Reply(200))
    await http.request("POST", f"{server.url}/x", body=b'{"a":1}', headers={"Content-Type": "application/json"})
    assert server.asked[0].body == b'{"a":1}'
    assert server.asked[0].headers["content-type"] == "application/json"


async def test_connections_are_kept_and_shared(server: ScriptedServer, http: Http) -> None:
    server.on("/x", Reply(200, "ok"))
    for _ in range(5):
        await http.request("GET", f"{server.url}/x")
    assert server.open_connections == 1


async def test_compressed_answers_arrive_plain(server: ScriptedServer, http: Http) -> None:
    server.on("/x", Reply(200, gzip.compress(b"hello" * 100), {"Content-Encoding": "gzip"}))
    assert (await http.request("GET", f"{server.url}/x")).body == b"hello" * 100


async def test_a_redirection_is_not_followed_with_our_token(server: ScriptedServer, http: Http) -> None:
    server.on("/x", Reply(302, "", {"Location": f"{server.url}/elsewhere"}))
    answer = await http.request("GET", f"{server.url}/x", headers={"Authorization": "Bearer secret"})
    assert answer.problem().kind is ProblemKind.PROTOCOL
    assert server.paths() == ["/x"]


async def test_netrc_adds_no_credentials(
    server: ScriptedServer, http: Http, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ana password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server.on("/x", Reply(200))
    await http.request("GET", f"{server.url}/x")
    assert "authorization" not in server.asked[0].headers


async def test_cookies_are_neither_kept_nor_sent(server: ScriptedServer, http: Http) -> None:
    server.on("/x", Reply(200, "", {"Set-Cookie": "a=b"}))
    await http.request("GET", f"{server.url}/x")
    await http.request("GET", f"{server.url}/x")
    assert "cookie" not in server.asked[1].headers


async def test_refused(http: Http) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    problem = await _problem(http, f"http://127.0.0.1:{port}/api?token=secret")
    assert problem.kind is ProblemKind.UNREACHABLE
    assert "refused" in problem.summary
    assert problem.target == f"http://127.0.0.1:{port}/api"


async def test_reset_instead_of_an_answer(server: ScriptedServer, http: Http) -> None:
    server.on("/x", RESET)
    problem = await _problem(http, f"{server.url}/x")
    assert problem.kind is ProblemKind.UNREACHABLE
    assert "clos" in problem.summary or "reset" in problem.summary


async def test_a_kept_connection_that_the_server_has_just_closed_is_no_failure(
    server: ScriptedServer, http: Http
) -> None:
    server.on("/x", Reply(200, "one"), RESET, Reply(200, "two"))
    assert (await http.request("GET", f"{server.url}/x")).body == b"one"
    assert (await http.request("GET", f"{server.url}/x")).body == b"two"
    assert len(server.asked) == 3


@pytest.mark.parametrize("end", ["reset", "close"])
async def test_an_answer_cut_in_the_middle_is_no_answer(server: ScriptedServer, http: Http, end: str) -> None:
    server.on("/x", Reply(200, "x" * 1000, cut=100, end=end))
    assert (await _problem(http, f"{server.url}/x")).kind is ProblemKind.UNREACHABLE


async def test_a_server_that_hangs_is_given_up_in_time(server: ScriptedServer, http: Http) -> None:
    server.on("/x", HANG)
    problem = await _problem(http, f"{server.url}/x", timeout=0.05)
    assert problem.kind is ProblemKind.TIMEOUT
    assert problem.status is None


async def test_a_body_that_hangs_is_given_up_in_time(server: ScriptedServer, http: Http) -> None:
    server.on("/x", Reply(200, "x" * 100, cut=10, end="hang"))
    assert (await _problem(http, f"{server.url}/x", timeout=0.05)).kind is ProblemKind.TIMEOUT


async def test_an_unknown_name_says_so(http: Http) -> None:
    problem = await _problem(http, "http://no-such-host.invalid/x")
    assert problem.kind is ProblemKind.UNREACHABLE
    assert "no-such-host.invalid" in problem.summary
    assert "DNS" in problem.summary


async def _greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    await writer.drain()
    writer.close()


@pytest.mark.parametrize(
    ("scheme", "kind", "word"), [("http", ProblemKind.PROTOCOL, "HTTP"), ("https", ProblemKind.UNREACHABLE, "TLS")]
)
async def test_something_that_speaks_neither_http_nor_tls(
    http: Http, scheme: str, kind: ProblemKind, word: str
) -> None:
    async with await asyncio.start_server(_greet, "127.0.0.1", 0) as other:
        problem = await _problem(http, f"{scheme}://127.0.0.1:{other.sockets[0].getsockname()[1]}/x")
    assert problem.kind is kind
    assert word in problem.summary


async def test_a_certificate_of_an_unknown_ca_is_refused_and_named(tls_server: ScriptedServer, http: Http) -> None:
    problem = await _problem(http, f"{tls_server.url}/x")
    assert problem.kind is ProblemKind.UNREACHABLE
    assert "certificate is not trusted" in problem.summary
    assert "issuer" in problem.summary
    assert problem.remedy.startswith("export SSL_CERT_FILE=")


async def test_the_clusters_own_ca_is_trusted_for_it(
    tls_server: ScriptedServer, http: Http, authority: trustme.CA
) -> None:
    tls_server.on("/x", Reply(200, "ok"))
    spec = TlsSpec(ca=authority.cert_pem.bytes())
    assert (await http.request("GET", f"{tls_server.url}/x", tls=spec)).status == 200


async def test_a_certificate_for_another_name_is_refused(
    tls_server: ScriptedServer, http: Http, authority: trustme.CA
) -> None:
    spec = TlsSpec(ca=authority.cert_pem.bytes(), server_name="prod.example.com")
    problem = await _problem(http, f"{tls_server.url}/x", tls=spec)
    assert "another name" in problem.summary


async def test_tls_server_name_is_what_the_certificate_is_held_against(http: Http, authority: trustme.CA) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("kube.internal").configure_cert(context)
    async with ScriptedServer(context) as server:
        server.on("/x", Reply(200, "ok"))
        spec = TlsSpec(ca=authority.cert_pem.bytes(), server_name="kube.internal")
        assert (await http.request("GET", f"{server.url}/x", tls=spec)).status == 200


async def test_insecure_means_insecure_and_only_where_asked(tls_server: ScriptedServer, http: Http) -> None:
    tls_server.on("/x", Reply(200, "ok"))
    assert (await http.request("GET", f"{tls_server.url}/x", tls=TlsSpec(insecure=True))).status == 200
    assert (await _problem(http, f"{tls_server.url}/x")).kind is ProblemKind.UNREACHABLE


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE"])
async def test_a_ca_file_of_the_environment_is_trusted_too(
    variable: str, tls_server: ScriptedServer, authority: trustme.CA, tmp_path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls_server.on("/x", Reply(200, "ok"))
    stack = Http({variable: str(tmp_path / "ca.pem")})
    try:
        assert (await stack.request("GET", f"{tls_server.url}/x")).status == 200
    finally:
        await stack.close()


async def test_a_ca_file_that_is_missing_is_named_and_keeps_nobody_from_a_cluster_with_its_own(
    tls_server: ScriptedServer, authority: trustme.CA, tmp_path
) -> None:
    tls_server.on("/x", Reply(200, "ok"))
    stack = Http({"SSL_CERT_FILE": str(tmp_path / "gone.pem")})
    try:
        problem = await _problem(stack, f"{tls_server.url}/x")
        assert problem.kind is ProblemKind.MISSING
        assert "gone.pem" in problem.summary
        own = TlsSpec(ca=authority.cert_pem.bytes())
        assert (await stack.request("GET", f"{tls_server.url}/x", tls=own)).status == 200
    finally:
        await stack.close()


async def test_a_client_certificate_is_shown(http: Http, authority: trustme.CA) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    mine = authority.issue_cert("ana@example.com")
    pem, key = b"".join(blob.bytes() for blob in mine.cert_chain_pems), mine.private_key_pem.bytes()
    async with ScriptedServer(context) as server:
        server.on("/x", Reply(200, "ok"))
        ca = authority.cert_pem.bytes()
        assert (await http.request("GET", f"{server.url}/x", tls=TlsSpec(ca, pem, key))).status == 200
        without = await _problem(http, f"{server.url}/x", tls=TlsSpec(ca))
        assert without.kind is ProblemKind.UNREACHABLE


@pytest.mark.parametrize("spec", [TlsSpec(ca=b"not pem"), TlsSpec(certificate=b"no", key=b"no")])
async def test_unusable_certificates_are_a_problem_not_a_crash(
    spec: TlsSpec, tls_server: ScriptedServer, http: Http
) -> None:
    assert (await _problem(http, f"{tls_server.url}/x", tls=spec)).kind is ProblemKind.MISSING


async def test_a_stream_yields_what_arrives_and_ends_with_it(server: ScriptedServer, http: Http) -> None:
    server.on("/s", Reply(200, chunks=[b"a\n", b"b\n", b"c"]))
    async with http.stream("GET", f"{server.url}/s") as stream:
        assert await _all(stream) == b"a\nb\nc"


async def test_more_is_looked_for_once_for_all_that_has_come_and_not_at_each_chunk(
    server: ScriptedServer, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log comes in hundreds of thousands of chunks."""
    resume, looked = ResponseHandler.resume_reading, 0

    def counting(self: ResponseHandler, resume_parser: bool = True) -> None:
        nonlocal looked
        looked += 1
        resume(self, resume_parser)

    monkeypatch.setattr(ResponseHandler, "resume_reading", counting)
    chunks = [b"%05d" % number for number in range(20_000)]
    server.on("/x", Reply(200, chunks=chunks))
    got: list[bytes] = []
    await _read(http, f"{server.url}/x", got)
    assert b"".join(got) == b"".join(chunks)
    assert looked <= len(got) + 1 < len(chunks)


async def test_a_refused_stream_tells_the_servers_words(server: ScriptedServer, http: Http) -> None:
    server.on("/s", Reply(403, {"kind": "Status", "apiVersion": "v1", "message": "no", "reason": "Forbidden"}))
    with pytest.raises(SourceError) as caught:
        async with http.stream("GET", f"{server.url}/s"):
            pass
    assert caught.value.problem.kind is ProblemKind.FORBIDDEN
    assert caught.value.problem.server_words == "no"


async def test_a_silent_stream_is_noticed(server: ScriptedServer, http: Http) -> None:
    server.on("/s", Reply(200, chunks=[b"a\n"], end="hang"))
    got: list[bytes] = []
    with pytest.raises(SourceError) as caught:
        await _read(http, f"{server.url}/s", got, silence=0.05)
    assert got == [b"a\n"]
    assert caught.value.problem.kind is ProblemKind.TIMEOUT


@pytest.mark.parametrize("end", ["reset", "close"])
async def test_a_stream_cut_short_is_an_error_after_what_had_come(server: ScriptedServer, http: Http, end: str) -> None:
    server.on("/s", Reply(200, chunks=[b"a\n"], end=end))
    got: list[bytes] = []
    with pytest.raises(SourceError) as caught:
        await _read(http, f"{server.url}/s", got)
    assert b"".join(got) in (b"a\n", b"")
    assert caught.value.problem.kind is ProblemKind.UNREACHABLE


async def test_the_callers_own_error_passes_through_a_stream_untouched(server: ScriptedServer, http: Http) -> None:
    server.on("/s", Reply(200, chunks=[b"a"]))
    with pytest.raises(OSError, match="disk full"):
        async with http.stream("GET", f"{server.url}/s"):
            raise OSError("disk full")


async def test_leaving_a_stream_closes_its_connection(server: ScriptedServer, http: Http) -> None:
    server.on("/s", Reply(200, chunks=[b"a"], end="hang"))
    async with http.stream("GET", f"{server.url}/s") as stream:
        async for _ in stream.chunks():
            break
    await server.all_closed()


async def test_a_gate_is_passed_before_and_told_after(server: ScriptedServer, http: Http) -> None:
    told: list[tuple[int, float | None]] = []

    class Gate:
        async def enter(self) -> None:
            assert not server.asked

        def answered(self, status: int, retry_after: float | None) -> None:
            told.append((status, retry_after))

    server.on("/x", Reply(429, "slow down", {"Retry-After": "7"}))
    await http.request("GET", f"{server.url}/x", gate=Gate())
    assert told == [(429, 7.0)]


async def test_each_request_is_counted_without_its_query(server: ScriptedServer) -> None:
    sent: list[str] = []
    stack = Http({}, on_request=sent.append)
    server.on("/x", Reply(200))
    await stack.request("GET", f"{server.url}/x?secret=1")
    await stack.close()
    assert sent == [f"{server.url}/x"]


async def test_after_close_nothing_is_sent(server: ScriptedServer, http: Http) -> None:
    server.on("/x", Reply(200))
    await http.request("GET", f"{server.url}/x")
    await http.close()
    assert (await _problem(http, f"{server.url}/x")).kind is ProblemKind.UNREACHABLE
    assert len(server.asked) == 1


@pytest.mark.parametrize("turns", [0, 4, 8, 16])
async def test_when_it_is_closed_no_socket_is_left(
    tls_server: ScriptedServer, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    """Neither of a stream that was left, which says goodbye over TLS, nor of a request that was given up on its way.
    turns: how far that one had come."""
    made: list[socket.socket] = []
    make = http_module._socket
    monkeypatch.setattr(http_module, "_socket", lambda address: made.append(make(address)) or made[-1])
    tls_server.on("/s", Reply(200, chunks=[b"a"], end="hang"))
    tls_server.on("/x", HANG)
    stack, spec = Http({}), TlsSpec(ca=authority.cert_pem.bytes())
    async with stack.stream("GET", f"{tls_server.url}/s", tls=spec):
        pass
    asking = asyncio.create_task(stack.request("GET", f"{tls_server.url}/x", tls=spec))
    for _ in range(turns):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await stack.close()
    assert made
    assert [one for one in made if one.fileno() != -1] == []


async def test_a_token_that_cannot_be_a_header_is_refused_without_being_told(
    server: ScriptedServer, http: Http
) -> None:
    problem = await _problem(http, f"{server.url}/x", headers={"Authorization": "Bearer sec\r\nret"})
    assert problem.kind is ProblemKind.PROTOCOL
    assert "sec" not in str(problem).replace("sent", "")
