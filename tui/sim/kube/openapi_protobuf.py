"""The OpenAPI document of version 2 in protobuf, the one form in which client-go asks for it.

kubectl still needs it for what version 3 does not tell it: how to validate a `List`, and `explain` by version 2.
The messages are those of github.com/google/gnostic-models openapiv2/OpenAPIv2.proto. A member that they have no field
for is left out; members that begin with "x-" become vendor extensions, whose values are YAML (JSON is YAML, too).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tui.sim.kube.status import Obj

Encode = Callable[[Any], bytes]
"""A value as the content of a message, or as a whole field with its tag."""

_VARINT, _FIXED64, _LENGTH = 0, 1, 2  # wire types


def encode_document(document: Obj) -> bytes:
    """A Document message. document: as `openapi.v2_document` makes it."""
    return _document(document)


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def _part(number: int, content: bytes) -> bytes:
    """A field with a length: text or a message."""
    return _varint(number << 3 | _LENGTH) + _varint(len(content)) + content


def _text(value: Any) -> bytes:
    return str(value).encode()


def _any(value: Any) -> bytes:
    return _part(2, msgspec.json.encode(value))


def _one(number: int, encode: Encode) -> Encode:
    return lambda value: _part(number, encode(value))


def _many(number: int, encode: Encode) -> Encode:
    return lambda values: b"".join(_part(number, encode(value)) for value in values)


def _named(number: int, encode: Encode) -> Encode:
    """A map, which these messages write as pairs in order."""
    return lambda members: b"".join(_part(number, _pair(name, encode(members[name]))) for name in members)


def _pair(name: str, content: bytes) -> bytes:
    return _part(1, name.encode()) + _part(2, content)


def _flag(number: int) -> Encode:
    return lambda value: _varint(number << 3 | _VARINT) + b"\x01" if value else b""


def _whole(number: int) -> Encode:
    return lambda value: _varint(number << 3 | _VARINT) + _varint(value) if value else b""


def _real(number: int) -> Encode:
    return lambda value: _varint(number << 3 | _FIXED64) + struct.pack("<d", value) if value else b""


def _message(fields: Mapping[str, Encode], extension: int) -> Encode:
    """extension: the number of the field `vendor_extension`."""

    def encode(value: Obj) -> bytes:
        written: list[bytes] = []
        for name, member in value.items():
            field = fields.get(name)
            if field is not None:
                written.append(field(member))
            elif name.startswith("x-"):
                written.append(_part(extension, _pair(name, _any(member))))
        return b"".join(written)

    return encode


def _schema(value: Obj) -> bytes:
    return _schema_message(value)


def _type(value: str | Sequence[str]) -> bytes:
    names = [value] if isinstance(value, str) else value
    return b"".join(_part(1, name.encode()) for name in names)


def _additional_properties(value: bool | Obj) -> bytes:
    return _flag(2)(value) if isinstance(value, bool) else _part(1, _schema(value))


_SCHEMA: dict[str, Encode] = {
    "$ref": _one(1, _text),
    "format": _one(2, _text),
    "title": _one(3, _text),
    "description": _one(4, _text),
    "default": _one(5, _any),
    "multipleOf": _real(6),
    "maximum": _real(7),
    "exclusiveMaximum": _flag(8),
    "minimum": _real(9),
    "exclusiveMinimum": _flag(10),
    "maxLength": _whole(11),
    "minLength": _whole(12),
    "pattern": _one(13, _text),
    "maxItems": _whole(14),
    "minItems": _whole(15),
    "uniqueItems": _flag(16),
    "maxProperties": _whole(17),
    "minProperties": _whole(18),
    "required": _many(19, _text),
    "enum": _many(20, _any),
    "additionalProperties": _one(21, _additional_properties),
    "type": _one(22, _type),
    "items": _one(23, _one(1, _schema)),
    "allOf": _many(24, _schema),
    "properties": _one(25, _named(1, _schema)),
    "example": _one(30, _any),
}
_schema_message = _message(_SCHEMA, 31)

# Of parameters, those of a query and of a path differ in their numbers only.
_QUERY = _message(
    {
        "required": _flag(1),
        "in": _one(2, _text),
        "description": _one(3, _text),
        "name": _one(4, _text),
        "type": _one(6, _text),
        "uniqueItems": _flag(20),
    },
    23,
)
_PATH = _message(
    {
        "required": _flag(1),
        "in": _one(2, _text),
        "description": _one(3, _text),
        "name": _one(4, _text),
        "type": _one(5, _text),
        "uniqueItems": _flag(19),
    },
    22,
)


def _parameter(value: Obj) -> bytes:
    """ParametersItem → Parameter → NonBodyParameter → the parameter itself."""
    number, encode = (4, _PATH) if value["in"] == "path" else (3, _QUERY)
    return _part(1, _part(2, _part(number, encode(value))))


_response = _message({"description": _one(1, _text), "schema": _one(2, _one(1, _schema))}, 5)
_operation = _message(
    {
        "tags": _many(1, _text),
        "description": _one(3, _text),
        "operationId": _one(5, _text),
        "produces": _many(6, _text),
        "consumes": _many(7, _text),
        "parameters": _many(8, _parameter),
        "responses": _one(9, _named(1, _one(1, _response))),
        "schemes": _many(10, _text),
    },
    13,
)
_path_item = _message(
    {
        "get": _one(2, _operation),
        "put": _one(3, _operation),
        "post": _one(4, _operation),
        "delete": _one(5, _operation),
        "options": _one(6, _operation),
        "head": _one(7, _operation),
        "patch": _one(8, _operation),
        "parameters": _many(9, _parameter),
    },
    10,
)
_info = _message({"title": _one(1, _text), "version": _one(2, _text), "description": _one(3, _text)}, 7)
_document = _message(
    {
        "swagger": _one(1, _text),
        "info": _one(2, _info),
        "paths": _one(8, _named(2, _path_item)),
        "definitions": _one(9, _named(1, _schema)),
    },
    16,
)
