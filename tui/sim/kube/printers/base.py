"""What every printer is made of: columns, and the function that fills one row of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tui.sim.kube.durations import since
from tui.sim.kube.objects import items, metadata_of, text
from tui.sim.kube.status import Obj

Cells = Callable[[Obj, float], list[Any]]
"""The cells of one object at a moment (seconds since the epoch)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column definition. priority 0 is always shown, 1 only in wide output.

    description: the beginning of the real server's, up to its first full stop or comma; no client shows the rest.
    """

    name: str
    description: str = ""
    type: str = "string"
    format: str = ""
    priority: int = 0

    def definition(self) -> Obj:
        """As in `columnDefinitions`; key order as the real server writes it."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.description,
            "priority": self.priority,
        }


@dataclass(frozen=True, slots=True)
class Printing:
    """How one kind is printed.

    conditions: the row's own conditions (finished pods carry one). order: the key by which a list is sorted for
    printing, for the one kind that is. definitions: the columns as JSON, made once and shared.
    """

    columns: tuple[Column, ...]
    cells: Cells
    conditions: Callable[[Obj], list[Obj] | None] | None = None
    order: Callable[[Obj], Any] | None = None
    definitions: list[Obj] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "definitions", [column.definition() for column in self.columns])


Printings = Mapping[tuple[str, str], Printing]
"""By (group, plural)."""


def wide(column: Column) -> Column:
    """The same column, shown in wide output only."""
    return replace(column, priority=1)


NAME = Column("Name", "Name must be unique within a namespace.", format="name")
_CREATION = "CreationTimestamp is a timestamp representing the server time when this object was created."
AGE = Column("Age", _CREATION)
AGE_DATE = Column("Age", _CREATION, type="date")
CREATED_AT = Column("Created At", _CREATION, type="date")

CONTAINERS = Column("Containers", "Names of each container in the template.")
IMAGES = Column("Images", "Images referenced by each container in the template.")


def name_of(obj: Obj) -> str:
    return text(metadata_of(obj).get("name"))


def age_of(obj: Obj, now: float) -> str:
    """The Age cell: how long ago the object was made."""
    return since(metadata_of(obj).get("creationTimestamp"), now)


def parts(value: Any) -> list[Obj]:
    """A list of objects that may be absent, null or hold nonsense: one bad object must not spoil a whole list."""
    return [each for each in items(value) if isinstance(each, dict)]


def or_none(value: str) -> str:
    """The word the server puts in a cell that would be empty."""
    return value or "<none>"


def _name_and_creation(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), text(metadata_of(obj).get("creationTimestamp"))]


def _name_and_age(obj: Obj, now: float) -> list[Any]:
    return [name_of(obj), age_of(obj, now)]


DEFAULT = Printing((NAME, CREATED_AT), _name_and_creation)
"""For the kinds the server has no printer for (`NewDefaultTableConvertor` in k8s.io/apiserver)."""

NAME_AND_AGE = Printing((NAME, AGE), _name_and_age)
