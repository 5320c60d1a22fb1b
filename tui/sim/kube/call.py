"""One authorised request for a resource, with everything its handler needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from aiohttp import web
from multidict import MultiMapping

from tui.sim.kube import negotiate, protobuf
from tui.sim.kube.decoding import decode_body, unrecognized
from tui.sim.kube.deprecation import deprecation
from tui.sim.kube.duplicates import duplicate_fields, duplicate_keys
from tui.sim.kube.fielderrors import unsupported
from tui.sim.kube.identity import User
from tui.sim.kube.kinds import Kind, Sub
from tui.sim.kube.negotiate import body_media
from tui.sim.kube.refusals import invalid_options
from tui.sim.kube.routes import Route
from tui.sim.kube.state import ClusterState
from tui.sim.kube.status import ApiError
from tui.sim.kube.yamljson import load_yaml, worded


@dataclass
class Call:
    """sub: the subresource asked for, None for the object itself. warnings: become Warning headers.
    strictly: what only a strict reading of the body takes exception to, found while it was decoded."""

    cluster: ClusterState
    request: web.Request
    route: Route
    user: User
    kind: Kind
    sub: Sub | None = None
    warnings: list[str] = field(default_factory=list[str])
    strictly: list[str] = field(default_factory=list[str])

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
        """The body of a POST or PUT, decoded. Raises ApiError 400, 413 and 415."""
        return self.decoded(await self.body(), self.kind.kind)

    def decoded(self, raw: bytes, expected: str) -> Any:
        """A body in any of the formats a server takes. expected: its kind. Raises ApiError 400 and 415."""
        match body_media(self.request.headers.get("Content-Type", "")):
            case protobuf.PROTOBUF:
                return protobuf.decode(raw)
            case negotiate.YAML:
                value = yaml_body(raw, expected)
                if self.strict and (twice := duplicate_keys(raw)):
                    self.strictly.append(twice)
                return value
            case _:
                value = decode_body(raw, expected)
                if self.strict:
                    self.strictly.extend(duplicate_fields(raw))
                return value

    @property
    def strict(self) -> bool:
        """Whether a body is read strictly, be it to refuse or only to warn."""
        return self.query.get("fieldValidation", "") != "Ignore"


def yaml_body(raw: bytes, expected: str) -> Any:
    """Raises ApiError 400."""
    try:
        return load_yaml(raw)
    except yaml.YAMLError as error:
        raise unrecognized(expected, worded(error), raw) from error


def dry_run(values: list[str]) -> bool:
    """From the dryRun parameters or DeleteOptions.dryRun."""
    for value in values:
        if value != "All":
            raise invalid_options("DryRun", unsupported("dryRun", value, ("All",)))
    return bool(values)
