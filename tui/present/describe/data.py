"""ConfigMaps and Secrets: what they hold, as far as it is good to read; a Secret's values only when asked for."""

from __future__ import annotations

from typing import Any

from tui.model.bodies import at, items, obj, scalar, text
from tui.model.objects import Body
from tui.model.secrets import MASK, Hidden, decoded, masked_words, sealed, secret
from tui.present.describe.common import metadata, size, words
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Head, Note, Pair

MOST_LINES = 200
LONGEST_LINE = 1_000


def config_map(known: Known) -> list[Block]:
    body = known.body
    blocks: list[Block] = metadata(body, known.now, *_immutable(body))
    data, binary = obj(body, "data"), obj(body, "binaryData")
    blocks.append(Head("Data", "none" if not data else _keys(len(data))))
    for key in sorted(data):
        blocks += value(key, scalar(data[key]))
    if binary:
        blocks.append(Head("Binary data", _keys(len(binary))))
        for key in sorted(binary):
            octets = decoded(binary[key])
            blocks.append(Pair(key, size(len(octets)) if octets is not None else "not base64"))
    return blocks


def secret_(known: Known) -> list[Block]:
    body = known.body
    told = body if known.shown else sealed(body, masked_words)  # an annotation may hold values too
    blocks: list[Block] = metadata(told, known.now, ("type", text(body, "type")), *_immutable(body))
    data = obj(body, "data")
    note = "none" if not data else _keys(len(data)) + (", values shown" if known.shown else ": x shows the values")
    blocks.append(Head("Data", note))
    for key in sorted(data):
        blocks += _secret(key, data[key], known.shown)
    return blocks


def _immutable(body: Body) -> tuple[tuple[str, str], ...]:
    return (("immutable", "true"),) if at(body, "immutable") else ()


def _keys(number: int) -> str:
    return "1 key" if number == 1 else f"{number:,} keys"


def _secret(key: str, held: Any, shown: bool) -> list[Block]:
    said = secret(held, "data", shown)
    if isinstance(said, Hidden):
        return [Pair(key, (said.words, "dim"))]
    octets = decoded(held)
    return value(key, str(said), size(len(octets)) if octets is not None else f"{MASK} not base64")


def value(key: str, said: str, note: str = "") -> list[Block]:
    """One key: beside it where it is short, else below it, line by line."""
    note = note or size(len(said.encode("utf-8", "replace")))
    lines = said.rstrip("\n").split("\n")
    if len(lines) == 1 and len(said) <= 200:
        return [Pair(key, said.rstrip("\n") or ("empty", "dim"))]
    more = f", {len(lines):,} lines" if len(lines) > 1 else ""
    blocks: list[Block] = [Head(key, f"{note}{more}", 1)]
    blocks += [Note(_cut(line), "", 2) for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines[:MOST_LINES]):
        blocks.append(Note(f"not all of it is shown here: {note}{more} in YAML", "warn", 2))
    return blocks


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def service_account(known: Known) -> list[Block]:
    body = known.body
    pulls = [text(one, "name") for one in items(body, "imagePullSecrets")]
    mounts = [text(one, "name") for one in items(body, "secrets")]
    name = text(body, "metadata", "name")
    tokens = known.found("secrets") or ()
    own = [
        text(one, "metadata", "name")
        for one in tokens
        if text(one, "metadata", "annotations", "kubernetes.io/service-account.name") == name
    ]
    automount = at(body, "automountServiceAccountToken")
    refused = known.refused("secrets")
    return [
        *metadata(
            body,
            known.now,
            ("image pull secrets", words(pulls)),
            ("mountable secrets", words(mounts)),
            ("tokens", words(own) if refused is None else f"not seen: {refused.kind.value}"),
            ("token is mounted", "" if automount is None else scalar(automount)),
        ),
    ]
