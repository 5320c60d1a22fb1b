"""Request messages as Google's front end reads them: JSON against a message's fields, before any method runs.

Names are taken in both spellings of proto3 JSON (`requestedPolicyVersion`, `requested_policy_version`), a single value
where a list is expected is a list of one, and what does not fit is refused with the texts of protobuf's own converter
(google/protobuf/util/internal: json_stream_parser, proto_writer; the sentences of ESPv2's and ESF's listener).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from tui.sim.google.errors import GoogleError

_CONTEXT = 20  # characters of the body shown on either side of a syntax error
_INT32 = range(-(2**31), 2**31)


@dataclass(frozen=True, slots=True)
class Message:
    """name: as protobuf has it ("google.iam.v1.Policy"). fields: by JSON name."""

    name: str
    fields: Mapping[str, Field] = field(default_factory=dict[str, "Field"])


@dataclass(frozen=True, slots=True)
class Field:
    """type: "STRING", "INT32", "BYTES", "BOOL", or a message."""

    type: str | Message
    repeated: bool = False

    @property
    def shown(self) -> str:
        named = self.type
        return f"type.googleapis.com/{named.name}" if isinstance(named, Message) else f"TYPE_{named}"


def parse(raw: bytes, message: Message) -> dict[str, Any]:
    """The message in a request's body, by JSON names; an empty body is an empty message. Raises GoogleError 400."""
    written = raw.decode(errors="replace")
    if not written.strip():
        return {}
    try:
        value: object = json.loads(written)
    except ValueError as error:
        raise _syntax(written, error.pos if isinstance(error, json.JSONDecodeError) else 0) from error
    if not isinstance(value, dict):
        raise _unknown("", "", "Root element must be a message.")
    return _message(cast("dict[str, Any]", value), message, "")


def _message(value: Mapping[str, Any], message: Message, where: str) -> dict[str, Any]:
    known = {spelling: name for name in message.fields for spelling in (name, _snake(name))}
    found: dict[str, Any] = {}
    for name, given in value.items():
        if name not in known:
            raise _unknown(name, where, "Cannot find field.")
        if given is not None:
            path = f"{where}.{_snake(known[name])}" if where else _snake(known[name])
            found[known[name]] = _field(given, message.fields[known[name]], name, path, where)
    return found


def _field(given: Any, expected: Field, name: str, path: str, where: str) -> Any:
    if not expected.repeated:
        if isinstance(given, list):
            raise _unknown(name, where, "Proto field is not repeating, cannot start list.")
        return _single(given, expected, name, path, where)
    if not isinstance(given, list):
        return [_single(given, expected, name, path, where)]
    listed = cast("list[Any]", given)
    return [_single(one, expected, name, f"{path}[{index}]", where) for index, one in enumerate(listed)]


def _single(given: Any, expected: Field, name: str, path: str, where: str) -> Any:
    kind = expected.type
    if isinstance(kind, Message):
        if not isinstance(given, dict):
            raise _wrong(path, expected, given)
        return _message(cast("dict[str, Any]", given), kind, path)
    if isinstance(given, dict):
        raise _unknown(name, where, "Starting an object on a scalar field")
    match kind:
        case "STRING" if isinstance(given, str):
            return given
        case "BOOL" if isinstance(given, bool):
            return given
        case "INT32" if (number := _int32(given)) is not None:
            return number
        case "BYTES" if isinstance(given, str) and _is_base64(given):
            return given
        case "BYTES" if isinstance(given, str):
            raise _invalid(path, expected, "Base64 decoding failed for " + json.dumps(given))
        case _:
            raise _wrong(path, expected, given)


def _int32(given: object) -> int | None:
    """From a number or from digits in a string, as proto3 JSON allows both."""
    if isinstance(given, str) and re.fullmatch(r"-?\d{1,10}", given):
        given = int(given)
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool):
        return None
    return given if given in _INT32 else None


def _is_base64(given: str) -> bool:
    """In either of its alphabets, with or without padding."""
    try:
        urlsafe = given.replace("+", "-").replace("/", "_")
        base64.b64decode(urlsafe + "=" * (-len(urlsafe) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: "_" + found[0].lower(), name)


def _wrong(path: str, expected: Field, given: object) -> GoogleError:
    return _invalid(path, expected, json.dumps(given))


def _invalid(path: str, expected: Field, why: str) -> GoogleError:
    return _refusal(f"Invalid value at '{path}' ({expected.shown}), {why}", path)


def _unknown(name: str, where: str, why: str) -> GoogleError:
    place = f" at '{where}'" if where else ""
    return _refusal(f'Invalid JSON payload received. Unknown name "{name}"{place}: {why}', where)


def _syntax(written: str, at: int) -> GoogleError:
    """With the place shown under a piece of the body, as protobuf's parser does."""
    begin = max(0, at - _CONTEXT)
    shown = written[begin : at + _CONTEXT]
    why = "Unexpected end of string." if at >= len(written.rstrip()) else "Unexpected token."
    return _refusal(f"Invalid JSON payload received. {why}\n{shown}\n{' ' * (at - begin)}^", "")


def _refusal(message: str, where: str) -> GoogleError:
    violation = {**({"field": where} if where else {}), "description": message}
    detail: dict[str, object] = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    return GoogleError(400, message, [detail])


_STRING, _STRINGS = Field("STRING"), Field("STRING", repeated=True)
_EXPR = Message("google.type.Expr", dict.fromkeys(("expression", "title", "description", "location"), _STRING))
_BINDING = Message("google.iam.v1.Binding", {"role": _STRING, "members": _STRINGS, "condition": Field(_EXPR)})
_LOG = Message("google.iam.v1.AuditLogConfig", {"logType": _STRING, "exemptedMembers": _STRINGS})
_AUDIT = Message("google.iam.v1.AuditConfig", {"service": _STRING, "auditLogConfigs": Field(_LOG, repeated=True)})
_POLICY = Message(
    "google.iam.v1.Policy",
    {
        "version": Field("INT32"),
        "bindings": Field(_BINDING, repeated=True),
        "auditConfigs": Field(_AUDIT, repeated=True),
        "etag": Field("BYTES"),
    },
)
_OPTIONS = Message("google.iam.v1.GetPolicyOptions", {"requestedPolicyVersion": Field("INT32")})

GET_POLICY = Message("google.iam.v1.GetIamPolicyRequest", {"resource": _STRING, "options": Field(_OPTIONS)})
SET_POLICY = Message(
    "google.iam.v1.SetIamPolicyRequest", {"resource": _STRING, "policy": Field(_POLICY), "updateMask": _STRING}
)
TEST_PERMISSIONS = Message("google.iam.v1.TestIamPermissionsRequest", {"resource": _STRING, "permissions": _STRINGS})
BATCH_ENABLE = Message(
    "google.api.serviceusage.v1.BatchEnableServicesRequest", {"parent": _STRING, "serviceIds": _STRINGS}
)
ENABLE = Message("google.api.serviceusage.v1.EnableServiceRequest", {"name": _STRING})
ACCESS_TOKEN = Message(
    "google.iam.credentials.v1.GenerateAccessTokenRequest",
    {"name": _STRING, "delegates": _STRINGS, "scope": _STRINGS, "lifetime": _STRING},
)
