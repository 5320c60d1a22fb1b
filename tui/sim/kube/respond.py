"""Answers as the real API server writes them: JSON on one line (or YAML), its headers, its Status objects."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import yaml
from aiohttp import web

from tui.sim.kube.negotiate import JSON, YAML
from tui.sim.kube.status import ApiError, Obj

PIECE = 500
"""Objects encoded at a time: some milliseconds of work, so that no list holds up the other requests."""

_PLAIN = "text/plain; charset=utf-8"


def base_headers(content_type: str) -> dict[str, str]:
    return {"Audit-Id": str(uuid.uuid4()), "Cache-Control": "no-cache, private", "Content-Type": content_type}


def encode(body: Obj, media: str = JSON, *, ordered: bool = False) -> bytes:
    """ordered: with its keys sorted, as the server writes what it keeps as a map (custom resources)."""
    if media == YAML:
        return yaml.safe_dump(body, default_flow_style=False, sort_keys=True, allow_unicode=True).encode()
    return msgspec.json.encode(body, order="sorted" if ordered else None)


def answer(
    body: Obj,
    *,
    status: int = 200,
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
    ordered: bool = False,
    warnings: Sequence[str] = (),
) -> web.Response:
    """An object, a list or a Status."""
    encoded = encode(body, media, ordered=ordered)
    if media == JSON:
        encoded += b"\n"
    return answer_encoded(encoded, status=status, media=media, headers=headers, warnings=warnings)


def answer_encoded(
    encoded: bytes,
    *,
    status: int = 200,
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
) -> web.Response:
    """The same, written already."""
    response = web.Response(status=status, body=encoded, headers={**base_headers(media), **(headers or {})})
    response.headers.extend(warning_headers(warnings))
    return response


def stream(warnings: Sequence[str] = ()) -> web.StreamResponse:
    """An answer in chunks, of which nothing has been sent yet."""
    response = web.StreamResponse(headers=base_headers(JSON))
    response.headers.extend(warning_headers(warnings))
    response.enable_chunked_encoding()
    return response


def raw_json(body: Obj, status: int = 200) -> web.Response:
    """From a handler that leaves nobody a choice of form: indented, and without the last newline."""
    return web.Response(
        status=status, body=msgspec.json.format(msgspec.json.encode(body), indent=2), headers=base_headers(JSON)
    )


def plain(text: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=None, body=text.encode(), headers=base_headers(_PLAIN))


def not_found_page() -> web.Response:
    """A path that is served by nobody (recorded: error-404-path)."""
    return plain("404 page not found\n", 404)


def refuse(error: ApiError) -> web.Response:
    if error.code == 406:  # there is no form to answer in
        return raw_json(error.status(), 406)
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    return answer(error.status(), status=error.code, headers=headers)


def warning_headers(warnings: Sequence[str]) -> list[tuple[str, str]]:
    """`Warning: 299 - "…"`, one header per warning (recorded: warn-field)."""
    return [("Warning", f'299 - "{_quoted(warning)}"') for warning in warnings]


LIST_END = b"]}\n"


def list_begin(head: Obj, field: str) -> bytes:
    """The body of a list up to its elements."""
    return msgspec.json.encode(head)[:-1] + f',"{field}":['.encode()


def elements(objects: Sequence[object]) -> bytes:
    """Elements of a list, encoded, with commas between them."""
    return msgspec.json.encode(objects)[1:-1]


async def answer_pieces(
    request: web.Request,
    head: Obj,
    field: str,
    pieces: Iterable[bytes],
    warnings: Sequence[str] = (),
) -> web.StreamResponse:
    """A long list, sent piece by piece. head: everything of the body but `field`, which comes last. pieces: encoded
    elements with commas between them."""
    response = stream(warnings)
    try:
        await response.prepare(request)
        await response.write(list_begin(head, field))
        separator = b""
        for piece in pieces:
            if piece:
                await response.write(separator + piece)
                separator = b","
            await asyncio.sleep(0)
        await response.write(LIST_END)
        await response.write_eof()
    except ConnectionResetError:
        pass  # the client left
    return response


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
