"""The history of a rollout in lines: number, age, images, and why, as `kubectl rollout history` has them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tui.model.changes import Revision
from tui.present.ages import age
from tui.present.clean import clean

_DIGEST = 12
_CAUSE = 120


def revision_cells(revision: Revision, now: float) -> tuple[str, str, str, str]:
    """Number, age, images, change-cause. now: seconds since the epoch."""
    old = "–" if revision.created is None else age(now - revision.created)
    images = ", ".join(map(short_image, revision.images)) or "–"
    return str(revision.number), old, images, clean(revision.cause, _CAUSE)


def revision_lines(revisions: Sequence[Revision], now: float) -> tuple[str, ...]:
    """One line for each, in columns; containers whose image is the same in all of them only take room from the rest."""
    cells = [revision_cells(revision, now) for revision in _telling(revisions)]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(3)]
    return tuple(
        "  ".join((row[0].rjust(widths[0]), row[1].ljust(widths[1]), row[2].ljust(widths[2]), row[3])).rstrip()
        for row in cells
    )


def _telling(revisions: Sequence[Revision]) -> list[Revision]:
    """With the images that tell the revisions apart; as they are where nothing does, or containers came and went."""
    columns = list(zip(*(one.images for one in revisions), strict=False))
    differ = [place for place, images in enumerate(columns) if len(set(images)) > 1]
    if not differ or any(len(one.images) != len(columns) for one in revisions):
        return list(revisions)
    return [replace(one, images=tuple(one.images[place] for place in differ)) for one in revisions]


def short_image(image: str) -> str:
    """Without its registry, and with no more of a digest than tells two apart."""
    name = image.rpartition("/")[2]
    head, at, digest = name.partition("@")
    algorithm, colon, value = digest.partition(":")
    return clean(f"{head}{at}{algorithm}{colon}{value[:_DIGEST]}" if at else name, 80)
