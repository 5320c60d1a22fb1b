"""Request bodies in Kubernetes' protobuf, which kubectl's typed commands (create, auth, drain) send.

Only decoded: every such client also takes JSON for the answer. The envelope is k8s.io/apimachinery pkg/runtime
Unknown behind four magic bytes; field numbers are in protobuf.json, made from the Go types.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

import msgspec

from tui.sim.kube.objects import timestamp
from tui.sim.kube.refusals import bad_request
from tui.sim.kube.status import Obj

PROTOBUF = "application/vnd.kubernetes.protobuf"

_MAGIC = b"k8s\x00"
_SIGN, _WORD = 1 << 63, 1 << 64

Wire = int | bytes
"""A varint or fixed number, or the bytes of anything with a length."""


class _Table(msgspec.Struct):
    """kinds: "apps/v1/Deployment" -> message; messages: message -> field number -> (JSON name, type)."""

    kinds: dict[str, str]
    messages: dict[str, dict[int, tuple[str, str]]]


@lru_cache(maxsize=1)
def _table() -> _Table:
    path = resources.files("tui.sim.kube").joinpath("protobuf.json")
    return msgspec.json.decode(path.read_bytes(), type=_Table, strict=False)


def decode(raw: bytes) -> Obj:
    """The object in a protobuf body, with kind and apiVersion. Raises ApiError 400."""
    if not raw.startswith(_MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    try:
        unknown = dict(_fields(raw[len(_MAGIC) :]))
        types = dict(_fields(_bytes(unknown.get(1, b""))))
        version, kind = (_bytes(types.get(number, b"")).decode() for number in (1, 2))
        message = _message_of(version, kind)
        if message is None:
            raise bad_request(f'no kind "{kind}" is registered for version "{version}"')
        return {"kind": kind, "apiVersion": version, **_message(_bytes(unknown.get(2, b"")), message)}
    except (IndexError, struct.error, UnicodeDecodeError, ValueError) as error:
        raise bad_request(f"proto: {error}") from error


def _message_of(version: str, kind: str) -> str | None:
    kinds = _table().kinds
    return kinds.get(f"{version}/{kind}") or (kinds["v1/DeleteOptions"] if kind == "DeleteOptions" else None)


def _message(raw: bytes, name: str) -> Obj:
    """Fields a newer client knows and this table does not are passed over, as protobuf has it."""
    known = _table().messages[name]
    obj: Obj = {}
    for number, wire in _fields(raw):
        if number not in known:
            continue
        field, kind = known[number]
        if not field:
            obj.update(_message(_bytes(wire), kind))
        elif kind.startswith("*"):
            obj.setdefault(field, []).extend(_repeated(wire, kind[1:]))
        elif kind.startswith("%"):
            key, value = _entry(_bytes(wire), kind[1:])
            obj.setdefault(field, {})[key] = value
        else:
            obj[field] = _value(wire, kind)
    return obj


def _repeated(wire: Wire, kind: str) -> Iterator[Any]:
    if kind == "int" and isinstance(wire, bytes):  # packed
        at = 0
        while at < len(wire):
            number, at = _varint(wire, at)
            yield _value(number, kind)
    else:
        yield _value(wire, kind)


def _entry(raw: bytes, kind: str) -> tuple[str, Any]:
    fields = dict(_fields(raw))
    empty: Wire = 0 if kind in ("int", "bool") else b""
    return _bytes(fields.get(1, b"")).decode(), _value(fields.get(2, empty), kind)


def _value(wire: Wire, kind: str) -> Any:
    convert = _SCALARS.get(kind)
    if convert:
        return convert(wire)
    inner = _message(_bytes(wire), kind)
    return inner.get("items", []) if kind.startswith("items.") else inner


def _integer(wire: Wire) -> int:
    number = _number(wire)
    return number - _WORD if number >= _SIGN else number


def _double(wire: Wire) -> float:
    return struct.unpack("<d", struct.pack("<Q", _number(wire)))[0]


def _seconds_and_nanos(wire: Wire) -> tuple[int, int] | None:
    fields = dict(_fields(_bytes(wire)))
    return (_integer(fields.get(1, 0)), _integer(fields.get(2, 0))) if fields else None


def _time(wire: Wire) -> str | None:
    moment = _seconds_and_nanos(wire)
    return timestamp(moment[0]) if moment else None


def _micro_time(wire: Wire) -> str | None:
    moment = _seconds_and_nanos(wire)
    if moment is None:
        return None
    seconds = datetime.fromtimestamp(moment[0], UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{seconds}.{moment[1] // 1000:06}Z"


def _duration(wire: Wire) -> str:
    return f"{_integer(dict(_fields(_bytes(wire))).get(1, 0)) / 1e9:g}s"


def _quantity(wire: Wire) -> str:
    return _bytes(dict(_fields(_bytes(wire))).get(1, b"0")).decode()


def _int_or_string(wire: Wire) -> int | str:
    fields = dict(_fields(_bytes(wire)))
    return _bytes(fields.get(3, b"")).decode() if fields.get(1) else _integer(fields.get(2, 0))


def _raw(wire: Wire) -> Any:
    written = _bytes(dict(_fields(_bytes(wire))).get(1, b""))
    return msgspec.json.decode(written) if written else None


_SCALARS: Mapping[str, Callable[[Wire], Any]] = {
    "string": lambda wire: _bytes(wire).decode(),
    "bytes": lambda wire: base64.b64encode(_bytes(wire)).decode(),
    "bool": bool,
    "int": _integer,
    "double": _double,
    "time": _time,
    "microtime": _micro_time,
    "duration": _duration,
    "quantity": _quantity,
    "int-or-string": _int_or_string,
    "raw": _raw,
}


def _fields(raw: bytes) -> Iterator[tuple[int, Wire]]:
    """(field number, value) in wire order."""
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        match tag & 7:
            case 0:
                wire, at = _varint(raw, at)
            case 1:
                wire, at = struct.unpack_from("<Q", raw, at)[0], at + 8
            case 5:
                wire, at = struct.unpack_from("<I", raw, at)[0], at + 4
            case 2:
                size, at = _varint(raw, at)
                if at + size > len(raw):
                    raise ValueError("unexpected EOF")
                wire, at = raw[at : at + size], at + size
            case other:
                raise ValueError(f"illegal wireType {other}")
        yield tag >> 3, wire


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = raw[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & (_WORD - 1), at
        shift += 7


def _bytes(wire: Wire) -> bytes:
    if isinstance(wire, int):
        raise ValueError("wrong wireType for a field with a length")
    return wire


def _number(wire: Wire) -> int:
    if isinstance(wire, bytes):
        raise ValueError("wrong wireType for a number")
    return wire
