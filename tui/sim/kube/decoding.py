"""Whether a body can be read into its type, and which of its fields the type does not have, in the server's words.

The server decodes bodies with sigs.k8s.io/json: a value of the wrong type is refused always (400), an unknown field
only where the client asked for strictness (recorded: error-400-strict-field, warn-field, error-400-json).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, cast

import msgspec

from tui.sim.kube.kinds import Kind
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.schema import OBJECT_META, ListType, MapType, Scalar, StructType, Type, catalogue, of_kind
from tui.sim.kube.status import ApiError, Obj

_MOST_UNKNOWN = 100
_EXCERPT = 30
_TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

_QUANTITY = re.compile(r"[+-]?[0-9.]+([eEinumkKMGTP]*[-+]?[0-9]*)")
_SUFFIX = re.compile(r"|[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+")
_INTEGERS = {"int32": 2**31, "int64": 2**63}
_GO_NAMES = {"number": "float64", "boolean": "bool", "quantity": "resource.Quantity"}
_GO_KINDS: dict[type, str] = {
    dict: "map",
    list: "slice",
    str: "string",
    bool: "bool",
    int: "int64",
    float: "float64",
}


def check_types(obj: Obj, kind: Kind) -> None:
    """Raises ApiError 400 for the first value that cannot be read into its field of a built-in kind."""
    complaint = wrong_type(obj, kind)
    if complaint:
        raise undecodable(kind, complaint)


def check_readable(obj: Obj, kind: Kind) -> None:
    """`check_types`, and of a custom resource that its metadata is one. Raises ApiError 400."""
    check_types(obj, kind)
    meta = obj.get("metadata")
    if meta is not None and not isinstance(meta, dict):
        where = f"Go struct field {kind.kind}.metadata of type v1.ObjectMeta"
        raise undecodable(kind, f"json: cannot unmarshal {json_name(meta)} into {where}")


def wrong_type(obj: Obj, kind: Kind, *, converted: bool = False) -> str:
    """Why an object of a built-in kind cannot be read: its first value of the wrong type; "" for none.

    converted: in the words of the converter, which reads what a strategic merge patch made (runtime
    DefaultUnstructuredConverter), and not in those of the JSON decoder.
    """
    struct = of_kind(kind)
    if struct is None:
        return ""
    return next(_complaints(obj, struct, struct, "", _cannot_convert if converted else _cannot), "")


def unknown_fields(obj: Obj, kind: Kind, custom: StructType | None = None) -> list[str]:
    """`unknown field "spec.foo"` for each, in the order of the body; at most a hundred."""
    struct = of_kind(kind) or custom
    if struct is None:
        meta = obj.get("metadata")
        found = _unknown(meta, catalogue().types[OBJECT_META], "metadata") if isinstance(meta, dict) else iter(())
    else:
        found = _unknown(obj, struct, "")
    return [f'unknown field "{path}"' for path, _ in zip(found, range(_MOST_UNKNOWN), strict=False)]


def undecodable(kind: Kind, why: str) -> ApiError:
    """400: a body of the right kind that cannot be read. why: "strict decoding error: …", "json: cannot …"."""
    return bad_request(f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {why}')


def decode_body(body: bytes, expected: str) -> Any:
    """The JSON of a body. expected: the kind it should hold. Raises ApiError 400, with the beginning of the body."""
    opening = "couldn't get version/kind; json parse error: "
    try:
        value: Any = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise unrecognized(expected, opening + syntax_error(body), body) from error
    if value is not None and not isinstance(value, dict):
        wrong = f"json: cannot unmarshal {json_name(value)} into Go value of type {_TYPE_META}"
        raise unrecognized(expected, opening + wrong, body)
    return cast("Any", value)


def unrecognized(expected: str, why: str, body: bytes) -> ApiError:
    """400: a body that shows no version and kind (transformDecodeError)."""
    return bad_request(f"the object provided is unrecognized (must be of type {expected}): {why} ({_excerpt(body)})")


def _excerpt(body: bytes) -> str:
    if not body:
        return "<empty>"
    cut = body[:_EXCERPT]
    shown = cut.decode("utf-8", "replace") if body.startswith(b"{") else cut.hex()
    return f"{shown} ..." if len(body) > _EXCERPT else shown


def syntax_error(body: bytes) -> str:
    """What is wrong with it, as encoding/json words it; found by a parser that says where."""
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        return _worded(error)
    except UnicodeDecodeError:
        return "invalid UTF-8 in string"
    return "invalid character 'N' looking for beginning of value"  # NaN, which is no JSON


def _worded(error: json.JSONDecodeError) -> str:
    rest = error.doc[error.pos :]
    if not rest.strip() or error.msg.startswith("Unterminated string"):
        return "unexpected end of JSON input"
    contexts = {
        "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
        "Expecting ':' delimiter": "after object key",
        "Extra data": "after top-level value",
        "Invalid control character at": "in string literal",
        "Invalid \\escape": "in string escape code",
    }
    context = contexts.get(error.msg.partition(": ")[0], "looking for beginning of value")
    if error.msg == "Expecting ',' delimiter":
        inside = error.doc[: error.pos]
        context = "after object key:value pair" if inside.rfind("{") > inside.rfind("[") else "after array element"
    return f"invalid character '{rest.lstrip()[0]}' {context}"


def _unknown(value: Any, kind: Type, path: str) -> Iterator[str]:
    if isinstance(kind, StructType) and isinstance(value, dict):
        for name, below in cast("Obj", value).items():
            deeper = f"{path}.{name}" if path else name
            field = kind.fields.get(name)
            if field is not None:
                yield from _unknown(below, field.type, deeper)
            elif kind.rest is None:
                yield deeper
            else:
                yield from _unknown(below, kind.rest, deeper)
    elif isinstance(kind, ListType) and isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _unknown(item, kind.element, f"{path}[{index}]")
    elif isinstance(kind, MapType) and isinstance(value, dict):
        for name, below in cast("Obj", value).items():
            yield from _unknown(below, kind.element, f"{path}.{name}")


Say = Callable[[object, Type, StructType, str], str]
"""Words for a value (first) that cannot be of a type (second)."""


def _complaints(value: Any, kind: Type, owner: StructType, path: str, say: Say) -> Iterator[str]:
    """Why `value`, the field at `path` of a struct `owner`, cannot be read."""
    if value is None:
        return
    if isinstance(kind, StructType) and isinstance(value, dict):
        for name, below in cast("Obj", value).items():
            field = kind.fields.get(name)
            if field is not None:
                yield from _complaints(below, field.type, kind, f"{path}.{name}" if path else name, say)
    elif isinstance(kind, ListType) and isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _complaints(item, kind.element, owner, path, say)
    elif isinstance(kind, MapType) and isinstance(value, dict):
        for below in cast("Obj", value).values():
            yield from _complaints(below, kind.element, owner, path, say)
    elif not isinstance(kind, Scalar):
        yield say(value, kind, owner, path)
    else:
        yield from _scalar_complaints(value, kind, owner, path, say)


def _scalar_complaints(value: object, kind: Scalar, owner: StructType, path: str, say: Say) -> Iterator[str]:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if kind.name in ("any", "int-or-string"):
        return
    if kind.name == "object":
        if not isinstance(value, dict):
            yield say(value, kind, owner, path)
    elif kind.name in _INTEGERS:
        if (
            not isinstance(value, int)
            or isinstance(value, bool)
            or not -_INTEGERS[kind.name] <= value < _INTEGERS[kind.name]
        ):
            yield say(value, kind, owner, path)
    elif kind.name == "number":
        if not numeric:
            yield say(value, kind, owner, path)
    elif kind.name == "boolean":
        if not isinstance(value, bool):
            yield say(value, kind, owner, path)
    elif kind.name == "quantity":
        yield from _quantity_complaints(value if isinstance(value, str) else json.dumps(value))
    elif not isinstance(value, str):
        yield say(value, kind, owner, path)
    elif kind.name == "bytes":
        yield from _base64_complaints(value)


def _cannot(value: object, kind: Type, owner: StructType, path: str) -> str:
    where = f"Go struct field {owner.name.rpartition('.')[2]}.{path}"
    return f"json: cannot unmarshal {json_name(value, kind)} into {where} of type {_go_type(kind)}"


def json_name(value: object, kind: Type | None = None) -> str:
    """What Go calls a value found in JSON."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        exact = isinstance(kind, Scalar) and kind.name in _INTEGERS
        return f"number {json.dumps(value)}" if exact else "number"
    return "string" if isinstance(value, str) else "object" if isinstance(value, dict) else "array"


def _go_type(kind: Type) -> str:
    if isinstance(kind, ListType):
        return f"[]{_go_type(kind.element)}"
    if isinstance(kind, MapType):
        return f"map[string]{_go_type(kind.element)}"
    if isinstance(kind, StructType):
        return ".".join(kind.name.split(".")[-2:])
    if isinstance(kind, Scalar):
        return kind.name if kind.name in _INTEGERS else _GO_NAMES.get(kind.name, "string")
    return "interface {}"


def _quantity_complaints(text: str) -> Iterator[str]:
    found = _QUANTITY.fullmatch(text)
    if found is None or text.count(".") > 1:
        yield ("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    elif not _SUFFIX.fullmatch(found[1]):
        yield "unable to parse quantity's suffix"


def _base64_complaints(text: str) -> Iterator[str]:
    try:
        base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except binascii.Error:
        bad = re.search(r"[^A-Za-z0-9+/=\r\n]", text)
        yield f"illegal base64 data at input byte {bad.start() if bad else len(text) // 4 * 4}"


def _cannot_convert(value: object, kind: Type, owner: StructType, path: str) -> str:
    source = _GO_KINDS[type(value)]
    if isinstance(kind, ListType):
        return f"cannot restore slice from {source}"
    if isinstance(kind, MapType):
        return f"cannot restore map from {source}"
    if isinstance(kind, StructType):
        return f"cannot restore struct from: {source}"
    target = _go_type(kind)
    convertible = source in ("int64", "float64") and target != "bool"
    return f"cannot convert {source} to {target}" if convertible else f"unrecognized type: {target}"
