"""A kubeconfig context to an endpoint, through the kubernetes package's own loading.

What that package does well is kept: inline data and files, certificates, CAs, basic auth, legacy auth providers. What
would hurt here is done beside it: exec plugins (see `exec_plugin`) and token files, which are read again as they are
rotated. The package is imported here only, in a thread, when the first context is really used.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tui.clients.json_fields import JsonObject, child, flag, text, texts, value_at
from tui.clients.kube_endpoint import Access, Authoriser, FixedAccess, KubeEndpoint
from tui.clients.kubeconfig_files import Entry, Kubeconfig, merge, read_kubeconfig, unreadable
from tui.clients.kubeconfig_plain import plain_access
from tui.clients.problem_bodies import words
from tui.clients.proxies import usable_proxy
from tui.clients.renewing import Lease, Renewing
from tui.clients.tls import TlsSpec
from tui.clock import Clock, SystemClock
from tui.errors import Problem, ProblemKind, SourceError

TOKEN_FILE_KEPT = 60.0
"""Seconds between two readings of a tokenFile; client-go reads it as often."""

_ONE_AT_A_TIME = threading.Lock()


class ContextLoader:
    """Endpoints of contexts. One per process: contexts that share a user entry share its credentials."""

    def __init__(self, environ: Mapping[str, str] = os.environ, clock: Clock | None = None) -> None:
        self._environ = environ
        self._clock = clock or SystemClock()
        self._users: dict[tuple[str, str, str], tuple[JsonObject, Authoriser]] = {}

    async def load_endpoint(self, paths: Sequence[Path], context: str = "") -> KubeEndpoint:
        """The endpoint of `context`, "" = the current one. Reads the files anew, since other tools write them.

        Raises SourceError: MISSING where there is no such context, INVALID naming file and entry where it cannot be
        used. A plugin is not run yet.
        """
        config = await asyncio.to_thread(read_kubeconfig, paths)
        return await self._endpoint(config, context)

    async def endpoint_of(self, document: JsonObject, name: str) -> KubeEndpoint:
        """The endpoint of the current context of a kubeconfig that is no file. name: what problems call it."""
        return await self._endpoint(merge([(name, Path(), document)]), "")

    async def _endpoint(self, config: Kubeconfig, context: str) -> KubeEndpoint:
        chosen = _context(config, context)
        cluster = _part(config.clusters, text(chosen.value, "cluster"), "cluster", chosen)
        user = _part(config.users, text(chosen.value, "user"), "user", chosen) if text(chosen.value, "user") else None
        server = text(cluster.value, "server").rstrip("/")
        if not server:
            raise unreadable(f"{cluster.file} cluster {cluster.name}", "no server")
        _refuse_stale_oidc(user, self._clock)
        loaded, tls = await asyncio.to_thread(load, cluster, user)
        # client-go sends no credentials over plain http, and neither do we.
        auth = self._authoriser(user, cluster, loaded) if server.startswith("https:") else FixedAccess(Access())
        proxy = text(cluster.value, "proxy-url")
        through = usable_proxy(proxy) if proxy else None
        return KubeEndpoint(server, auth, tls, through, text(chosen.value, "namespace"), cluster.name)

    def _authoriser(self, user: Entry | None, cluster: Entry, loaded: Access) -> Authoriser:
        if user is None:
            return FixedAccess(loaded)
        # A plugin that is told the cluster may answer differently for each.
        told = cluster.name if flag(user.value, "exec", "provideClusterInfo") else ""
        key = (user.file, user.name, told)
        known = self._users.get(key)
        if known is not None and known[0] == user.value:
            return known[1]
        auth = self._new_authoriser(user, cluster, loaded)
        self._users[key] = (user.value, auth)
        return auth

    def _new_authoriser(self, user: Entry, cluster: Entry, loaded: Access) -> Authoriser:
        acting = impersonation(user.value)
        if loaded.headers:  # as in client-go, a token or password written down outranks a plugin
            return FixedAccess(Access((*loaded.headers, *acting)))
        if text(user.value, "tokenFile"):
            return TokenFile(Path(text(user.value, "tokenFile")), acting, user, self._clock)
        if child(user.value, "exec"):
            from tui.clients.exec_plugin import ExecPlugin

            where = f"{user.file} user {user.name}"
            plugin = ExecPlugin(child(user.value, "exec"), cluster.value, where, self._environ, self._clock)
            return Acting(plugin, acting) if acting else plugin
        return FixedAccess(Access(acting))


class Acting:
    """Another authoriser's credentials, with the headers that say as whom to act."""

    def __init__(self, inner: Authoriser, headers: tuple[tuple[str, str], ...]) -> None:
        self._inner = inner
        self._headers = headers
        self._lent: dict[Access, Access] = {}
        self.account = inner.account
        self.remedy = inner.remedy

    async def access(self) -> Access:
        inner = await self._inner.access()
        made = Access((*inner.headers, *self._headers), inner.certificate, inner.key)
        self._lent = {made: inner}
        return made

    def refused(self, access: Access) -> bool:
        inner = self._lent.get(access)
        return self._inner.refused(inner) if inner is not None else True


class TokenFile:
    """A bearer token in a file that somebody rotates."""

    account = ""
    remedy = ""

    def __init__(self, path: Path, acting: tuple[tuple[str, str], ...], user: Entry, clock: Clock) -> None:
        self._path = path
        self._acting = acting
        self._where = f"{user.file} user {user.name}"
        self._clock = clock
        self._renewing = Renewing(self._read, clock)

    async def access(self) -> Access:
        return await self._renewing.get()

    def refused(self, access: Access) -> bool:
        return self._renewing.refuse(access)

    async def _read(self) -> Lease[Access]:
        try:
            token = (await asyncio.to_thread(self._path.read_text, "utf-8")).strip()
        except (OSError, UnicodeDecodeError) as exc:
            summary = f"the token file {self._path} cannot be read"
            raise SourceError(Problem(ProblemKind.MISSING, summary, words(str(exc)), target=self._where)) from exc
        access = Access((("Authorization", f"Bearer {token}"), *self._acting))
        return Lease(access, refresh_at=self._clock.now() + TOKEN_FILE_KEPT)


def impersonation(user: JsonObject) -> tuple[tuple[str, str], ...]:
    """The headers of `as`, `as-uid`, `as-groups` and `as-user-extra`. The kubernetes package drops these silently,
    which would act with more rights than was meant."""
    extra = child(user, "as-user-extra")
    return (
        *((("Impersonate-User", text(user, "as")),) if text(user, "as") else ()),
        *((("Impersonate-Uid", text(user, "as-uid")),) if text(user, "as-uid") else ()),
        *(("Impersonate-Group", group) for group in texts(user, "as-groups")),
        *((f"Impersonate-Extra-{key}", value) for key in extra for value in texts(extra, key)),
    )


def _context(config: Kubeconfig, name: str) -> Entry:
    wanted = name or config.current
    found = config.contexts.get(wanted)
    if found is not None:
        return found
    places = ", ".join(config.files) or "no kubeconfig file"
    summary = f"there is no context {wanted} in {places}" if wanted else f"no current context is set in {places}"
    raise SourceError(Problem(ProblemKind.MISSING, summary, remedy="kubectl config get-contexts", target=places))


def _part(entries: Mapping[str, Entry], name: str, kind: str, context: Entry) -> Entry:
    found = entries.get(name)
    if found is None:
        raise unreadable(f"{context.file} context {context.name}", f"there is no {kind} {name or '(none named)'}")
    return found


def load(cluster: Entry, user: Entry | None) -> tuple[Access, TlsSpec]:
    """What the two entries say: an Authorization header, and whom to trust and what to show. Blocks. Raises as
    `load_with_sdk`, which it leaves to whatever is not plain."""
    plain = plain_access(cluster.value, user.value if user is not None else {})
    if plain is None or not (plain[1].ca or not _names_a_ca(cluster)):
        return load_with_sdk(cluster, user)
    return plain


def _names_a_ca(cluster: Entry) -> bool:
    return any(text(cluster.value, key) for key in ("certificate-authority", "certificate-authority-data"))


def load_with_sdk(cluster: Entry, user: Entry | None) -> tuple[Access, TlsSpec]:
    """What the kubernetes package makes of the two entries: an Authorization header, and whom to trust and what to
    show. Blocks: imports the package, reads files, may refresh a legacy auth provider's token over the network.

    Raises SourceError (INVALID, SIGNED_OUT) naming file and entry.
    """
    where = f"{user.file} user {user.name}" if user is not None else f"{cluster.file} cluster {cluster.name}"
    from kubernetes import client, config

    sdk_client: Any = client  # the package ships no useful types for these
    sdk_config: Any = config
    left_to_us = ("exec", "tokenFile")
    shown = {key: value for key, value in (user.value if user is not None else {}).items() if key not in left_to_us}
    document: JsonObject = {
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        "clusters": [{"name": "c", "cluster": cluster.value}],
        "users": [{"name": "c", "user": shown}],
        "current-context": "c",
    }
    made = sdk_client.Configuration()
    # Inline keys are on disk for this moment only. The package remembers by their content which files it has written,
    # for all callers together, so that a second caller may be given a file of the first one's folder: one at a time.
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory(prefix="clusterview-") as folder:
        try:
            sdk_config.load_kube_config_from_dict(
                document, client_configuration=made, persist_config=False, temp_file_path=folder
            )
            tls = TlsSpec(
                _content(made.ssl_ca_cert),
                _content(made.cert_file),
                _content(made.key_file),
                flag(cluster.value, "insecure-skip-tls-verify"),
                text(cluster.value, "tls-server-name"),
            )
        except (sdk_config.ConfigException, OSError, ValueError, TypeError) as exc:
            said = words(str(exc))
            raise SourceError(Problem(ProblemKind.INVALID, f"kubeconfig {where}: {said}", target=where)) from exc
    if not tls.ca and _names_a_ca(cluster):
        # An empty CA would mean "trust the system's", which is not what the file says.
        raise unreadable(f"{cluster.file} cluster {cluster.name}", "its certificate-authority holds no certificate")
    token = " ".join(str(made.api_key.get("BearerToken") or "").split())
    return Access((("Authorization", token),) if token else ()), tls


def _refuse_stale_oidc(user: Entry | None, clock: Clock) -> None:
    """An OIDC provider's refresh may be good once only, and its successor must be written back. That file is not ours
    to write, and refreshing without writing would break kubectl; so kubectl is asked to do it."""
    provider = child(user.value, "auth-provider") if user is not None else {}
    if user is None or text(provider, "name") != "oidc":
        return
    from tui.clients.jwt_claims import claims_of

    end = value_at(claims_of(text(provider, "config", "id-token")), "exp")
    if not isinstance(end, int | float) or end < clock.now() + 300:
        summary = "the OpenID token in it has expired; kubectl renews it and writes it back"
        raise SourceError(
            Problem(
                ProblemKind.SIGNED_OUT, summary, remedy="kubectl get namespaces", target=f"{user.file} user {user.name}"
            )
        )


def _content(path: Any) -> bytes:
    return Path(path).read_bytes() if path else b""
