"""CustomResourceDefinitions: which kind they define, in which versions; the schema is in the YAML."""

from __future__ import annotations

from tui.model.bodies import at, items, obj, text, texts
from tui.present.describe.common import conditions, failing, metadata, section, words
from tui.present.describe.known import Known
from tui.present.describe.page import Block, Grid
from tui.present.parts import Cell

_COLUMNS = ("VERSION", "SERVED", "STORED", "DEPRECATED", "SUBRESOURCES", "COLUMNS")


def describe(known: Known) -> list[Block]:
    body, now = known.body, known.now
    spec, names = obj(body, "spec"), obj(body, "spec", "names")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            text(one, "name"),
            _mark(at(one, "served")),
            _mark(at(one, "storage")),
            _mark(at(one, "deprecated")),
            words(sorted(obj(one, "subresources"))),
            words(f"{text(c, 'name')} {text(c, 'jsonPath')}" for c in items(one, "additionalPrinterColumns")),
        )
        for one in items(spec, "versions")
    )
    return [
        *failing(body, now),
        *metadata(
            body,
            now,
            ("kind", f"{text(names, 'kind')} (list: {text(names, 'listKind')})"),
            ("group", text(spec, "group")),
            ("scope", text(spec, "scope")),
            ("plural", text(names, "plural")),
            ("singular", text(names, "singular")),
            ("short names", words(texts(names, "shortNames"))),
            ("categories", words(texts(names, "categories"))),
            ("conversion", text(spec, "conversion", "strategy")),
            ("stored versions", words(texts(body, "status", "storedVersions"))),
        ),
        *section("Versions", [Grid(_COLUMNS, rows)] if rows else []),
        *conditions(body, now),
    ]


def _mark(value: object) -> str:
    return "yes" if value else "no"
