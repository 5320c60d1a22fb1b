"""One authorised request for a resource, with everything its handler needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import yaml
from aiohttp import web
from multidict import MultiMapping

from tui.sim.kube import protobuf
from tui.sim.kube.deprecation import deprecation
from tui.sim.kube.identity import User
from tui.sim.kube.kinds import Kind, Sub
from tui.sim.kube.negotiate import JSON, body_media
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.routes import Route
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import ApiError

_SHOWN = 30  # bytes of a body that a refusal quotes


@dataclass
class Call:
    """sub: the subresource asked for, None for the object itself. warnings: become Warning headers."""

    cluster: ClusterState
    request: web.Request
    route: Route
    user: User
    kind: Kind
    sub: Sub | None = None
    warnings: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.warnings.extend(deprecation(self.kind, self.cluster.version))

    @property
    def query(self) -> MultiMapping[str]:
        return self.request.query

    @property
    def accept(self) -> str:
        return ",".join(self.request.headers.getall("Accept", []))

    @property
    def namespace(self) -> str:
        return self.route.namespace if self.kind.namespaced else ""

    @property
    def manager(self) -> str:
        """Who writes, for managed fields: the fieldManager parameter, else the program's name."""
        given = self.query.get("fieldManager", "")
        if given:
            return given
        agent = self.request.headers.get("User-Agent", "")
        return agent.partition("/")[0][:128] or "unknown"

    @property
    def dry_run(self) -> bool:
        """Raises ApiError 422 for a value other than All."""
        return dry_run(self.query.getall("dryRun", []))

    async def body(self) -> bytes:
        """Raises ApiError 413."""
        try:
            return await self.request.read()
        except web.HTTPRequestEntityTooLarge as error:
            limit = 3 * 1024 * 1024  # what the real server names, whatever the one in front of this allows
            message = f"Request entity too large: limit is {limit}"
            raise ApiError(413, "RequestEntityTooLarge", message) from error

    async def json_body(self) -> Any:
        """The body of a POST or PUT, in any of the formats a server takes, decoded. Raises ApiError 400 and 415."""
        media = body_media(self.request.headers.get("Content-Type", ""))
        raw = await self.body()
        return protobuf.decode(raw) if media == protobuf.PROTOBUF else decode(raw, media, self.kind)


def dry_run(values: list[str]) -> bool:
    """From the dryRun parameters or DeleteOptions.dryRun."""
    for value in values:
        if value != "All":
            why = f'Unsupported value: "{value}": supported values: "All"'
            details = {
                "group": "meta.k8s.io",
                "kind": "DryRun",
                "causes": [{"reason": "FieldValueNotSupported", "message": why, "field": "dryRun"}],
            }
            raise ApiError(422, "Invalid", f'DryRun.meta.k8s.io "" is invalid: dryRun: {why}', details)
    return bool(values)


def decode(raw: bytes, media: str, kind: Kind) -> Any:
    """Raises ApiError 400, with the recorded sentence (error-400-json) around the parser's own words."""
    if media != JSON:
        try:
            return yaml.safe_load(raw)
        except yaml.YAMLError as error:
            raise bad_request(f"error converting YAML to JSON: yaml: {error}") from error
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind.kind}): couldn't get version/kind; "
            f"json parse error: {_parse_error(str(error), raw)} ({quoted_body(raw)})"
        ) from error


def _parse_error(said: str, raw: bytes) -> str:
    """What Go's encoding/json says where msgspec says this."""
    if not raw or "truncated" in said:
        return "unexpected end of JSON input"
    return f"invalid character: {said}"


def quoted_body(raw: bytes) -> str:
    """The beginning of a body as a refusal quotes it (handlers/create.go, summarizeData)."""
    if not raw:
        return "<empty>"
    shown = raw[:_SHOWN].decode(errors="replace") if raw[:1] == b"{" else raw[:_SHOWN].hex()
    return shown + (" ..." if len(raw) > _SHOWN else "")
