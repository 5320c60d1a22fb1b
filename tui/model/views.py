"""Saved views: a list with its clusters, its filter, its order and its own columns, under a name of the user's own.

views:
  hot:
    kind: pods
    namespace: payments
    filter: status:!Running
    columns: [NAME, READY, "IMAGE:.spec.containers[*].image", AGE]
    sort: -AGE
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from msgspec import Struct

from tui.model.jsonpath import parse_path
from tui.model.kube import Pick
from tui.model.sorting import BY_NAME, SortBy

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
KEYS = ("kind", "namespace", "labels", "fields", "filter", "clusters", "columns", "sort")


class SavedView(Struct, frozen=True):
    """namespace "" = all. clusters: patterns, () = those that are chosen. columns: () = the server's."""

    name: str
    kind: str
    namespace: str = ""
    labels: str = ""
    fields: str = ""
    filter: str = ""
    clusters: tuple[str, ...] = ()
    columns: tuple[Pick, ...] = ()
    sort: SortBy = BY_NAME

    @property
    def words(self) -> str:
        """What it shows, in a few words; for completion."""
        more = (self.namespace, self.labels, " ".join(f"@{pattern}" for pattern in self.clusters))
        return " ".join(word for word in (self.kind, *more) if word)


class WrongPlace(ValueError):
    """Something wrong inside a value. keys: where, from the outside in."""

    def __init__(self, keys: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.keys = keys


def parse_views(value: Any) -> dict[str, SavedView]:
    """Views as `config.yaml` holds them. Raises WrongPlace."""
    if not isinstance(value, dict):
        raise WrongPlace((), "expected `name: view` pairs")
    views: dict[str, SavedView] = {}
    for name, held in cast("dict[object, object]", value).items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise WrongPlace((str(name),), f"{name!r} cannot be typed as a command: letters, digits, - and _")
        views[name] = _view(name, held)
    return views


def _view(name: str, held: object) -> SavedView:
    if not isinstance(held, dict):
        raise WrongPlace((name,), "expected the keys of a view, such as `kind: pods`")
    given = cast("Mapping[object, object]", held)
    for key in given:
        if key not in KEYS:
            raise WrongPlace((name, str(key)), f"unknown key {key!r}; known keys: {', '.join(KEYS)}")
    if not given.get("kind"):
        raise WrongPlace((name,), "a view needs a `kind`")
    texts = {key: _text(name, key, given.get(key, "")) for key in ("kind", "namespace", "labels", "fields", "filter")}
    columns = tuple(_pick(name, at, one) for at, one in enumerate(_list(name, "columns", given.get("columns"))))
    if columns and not any(pick.heading == "NAME" and not pick.path for pick in columns):
        raise WrongPlace((name, "columns"), "the columns must hold NAME, or rows could not be told apart")
    clusters = tuple(_text(name, "clusters", one) for one in _list(name, "clusters", given.get("clusters")))
    order = _text(name, "sort", given.get("sort", ""))
    by = SortBy(re.sub(r"[^a-z0-9]+", "-", order.lower()).strip("-"), order.startswith("-")) if order else BY_NAME
    return SavedView(name=name, clusters=clusters, columns=columns, sort=by, **texts)


def _text(name: str, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise WrongPlace((name, key), f"{key}: expected a text")
    return value.strip()


def _list(name: str, key: str, value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        raise WrongPlace((name, key), f"{key}: expected a list of texts")
    return cast("list[object]", value)


def _pick(name: str, at: int, value: object) -> Pick:
    if not isinstance(value, str) or not value.strip():
        raise WrongPlace((name, "columns", at), 'expected a heading, or "HEADING:.path"')
    heading, colon, path = value.partition(":")
    if colon:
        try:
            parse_path(path)
        except ValueError as error:
            raise WrongPlace((name, "columns", at), str(error)) from error
    return Pick(heading.strip().upper(), path.strip())
