"""The files that logs are being written to: of the one on the screen, and of others that were left to be saved."""

from __future__ import annotations

from tui.model.logs import LogBook, LogSaving, Saved


class LogSavings:
    """Each with the log that it is of, until it is ended."""

    def __init__(self) -> None:
        self._of: dict[LogBook, LogSaving] = {}

    def __contains__(self, book: LogBook) -> bool:
        return book in self._of

    def begin(self, book: LogBook, saving: LogSaving) -> None:
        """`book` is being written from now on."""
        self._of[book] = saving

    def end(self, book: LogBook) -> LogSaving:
        """Tell of it no more; what is to be stopped."""
        return self._of.pop(book)

    def of(self, book: LogBook | None) -> list[Saved]:
        """How the file of this log fares, where it has one."""
        return self._told([self._of[book]] if book is not None and book in self._of else [])

    def others(self, book: LogBook | None) -> list[Saved]:
        """How those of all other logs fare."""
        return self._told([saving for other, saving in self._of.items() if other is not book])

    def _told(self, savings: list[LogSaving]) -> list[Saved]:
        return [saved for saving in savings if (saved := saving.status.feed.value) is not None]
