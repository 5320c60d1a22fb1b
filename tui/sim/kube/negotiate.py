"""Which representation a client gets: JSON or YAML, the object itself, a Table, or its metadata alone.

The rules are k8s.io/apiserver pkg/endpoints/handlers/negotiation: the clauses of Accept are tried by descending q,
then in the order given; the first one the server can make wins. A clause naming a group, version or kind it cannot
make is passed over, as are protobuf and CBOR, which this server does not speak.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tui.sim.kube.protobuf import PROTOBUF
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.status import ApiError

JSON = "application/json"
YAML = "application/yaml"

_ANY_OF_TYPE = {"*/*": JSON, "application/*": JSON}
_MEDIA = {JSON: JSON, YAML: YAML, "application/x-yaml": YAML, **_ANY_OF_TYPE}
_TYPES = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
_INCLUDES = ("", "None", "Metadata", "Object")

Form = Literal["object", "table", "partial"]

_FORMS: dict[str, Form] = {
    "": "object",
    "Table": "table",
    "PartialObjectMetadata": "partial",
    "PartialObjectMetadataList": "partial",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One alternative of an Accept header."""

    media: str
    parameters: tuple[tuple[str, str], ...] = ()
    q: float = 1.0

    def parameter(self, name: str) -> str:
        return next((value for key, value in self.parameters if key == name), "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to answer with. version: of meta.k8s.io, for tables and partial metadata."""

    media: str = JSON
    form: Form = "object"
    version: str = "v1"
    include_object: str = "Metadata"


def parse_accept(header: str) -> list[Clause]:
    """The clauses of an Accept header, best first."""
    clauses = [_clause(part) for part in header.split(",") if part.strip()]
    return sorted(clauses, key=lambda clause: -clause.q)


def negotiate(header: str, *, include_object: str = "", stream: bool = False) -> Wanted:
    """For an endpoint that serves objects. stream: it is a watch. Raises ApiError 406, and 400 for includeObject."""
    for clause in parse_accept(header) or [Clause("*/*")]:
        media = _MEDIA.get(clause.media)
        form = _form(clause)
        if media is None or form is None or (stream and media != JSON):
            continue
        if include_object not in _INCLUDES:
            raise bad_request(f'unrecognized includeObject "{include_object}"')
        return Wanted(media, form, clause.parameter("v") or "v1", include_object or "Metadata")
    raise not_acceptable(stream=True)


def negotiate_plain(header: str) -> str:
    """JSON or YAML, for endpoints that serve no objects and look at nothing but the media type. Raises 406."""
    for clause in parse_accept(header) or [Clause("*/*")]:
        media = _MEDIA.get(clause.media)
        if media:
            return media
    raise not_acceptable(stream=False)


def not_acceptable(*, stream: bool) -> ApiError:
    """406, in the two wordings recorded (error-406, log-table-accept)."""
    if not stream:
        return ApiError(406, "NotAcceptable", f"only the following media types are accepted: {_TYPES}")
    streams = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
    message = f"406: Not Acceptable\n\nAvailable representations: {_TYPES}, {streams}"
    return ApiError(406, "NotAcceptable", message, {})


def body_media(content_type: str) -> str:
    """JSON, YAML or protobuf for the body of a POST, PUT or DELETE. Raises ApiError 415."""
    media = content_type.partition(";")[0].strip().lower()
    if media in ("", JSON):
        return JSON
    if media == PROTOBUF:
        return PROTOBUF
    if media in (YAML, "application/x-yaml"):
        return YAML
    message = f"the body of the request was in an unknown format - accepted media types include: {_TYPES}"
    raise ApiError(415, "UnsupportedMediaType", message)


def _form(clause: Clause) -> Form | None:
    form = _FORMS.get(clause.parameter("as"))
    if form in (None, "object"):
        return form
    known = clause.parameter("g") == "meta.k8s.io" and clause.parameter("v") in ("v1", "v1beta1")
    return form if known else None


def _clause(part: str) -> Clause:
    media, *rest = (piece.strip() for piece in part.split(";"))
    pairs = [piece.partition("=") for piece in rest]
    parameters = tuple((key.strip().lower(), value.strip().strip('"')) for key, _, value in pairs)
    quality = next((value for key, value in parameters if key == "q"), "1")
    try:
        return Clause(media.lower(), parameters, float(quality))
    except ValueError:
        return Clause(media.lower(), parameters)
