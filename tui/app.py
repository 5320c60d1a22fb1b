"""The Textual App: the hub's lifetime, themes, the keys that work everywhere, and nothing else.

Crashes propagate: an unforeseen exception in a widget ends the screen, and `run_app` raises it again for the command
line, which logs it and ends with exit code 70. Textual's own crash report shows local variables, and so could show a
token; it is never printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme

from screens.change_keys import ChangeKeys
from screens.overview import STYLES, Overview
from tui.clock import Clock
from tui.garbage import EVERY, Collector
from tui.model.datalayer import DataLayer
from tui.model.views import SavedView
from tui.present.navigation import View
from widgets.escape_keys import hear_escape
from widgets.log_pane import LogPane
from widgets.pane import FeedPane
from widgets.resource_pane import ResourcePane
from widgets.typed_order import TypedOrder, telling_at_once

DARK = Theme(
    name="clusterview-dark",
    primary="#58a6ff",
    secondary="#b392f0",
    accent="#39c5cf",
    success="#56c28a",
    warning="#e3a455",
    error="#f47067",
    foreground="#d0d7de",
    background="#0f1216",
    surface="#161b22",
    panel="#1c232c",
    dark=True,
    variables={
        "border": "#58a6ff",
        "border-blurred": "#343c46",
        "text-muted": "#8b949e",
        "text-primary": "#6cb2ff",
        "text-secondary": "#b392f0",
        "text-accent": "#39c5cf",
        "text-success": "#56c28a",
        "text-warning": "#e3a455",
        "text-error": "#f47067",
        "selection": "#1b2b40",
        "found": "#5c4418",
        "scrollbar": "#2b333d",
        "scrollbar-background": "#0f1216",
        "scrollbar-corner-color": "#0f1216",
    },
)
LIGHT = Theme(
    name="clusterview-light",
    primary="#0969da",
    secondary="#8250df",
    accent="#1b7c83",
    success="#1a7f37",
    warning="#9a6700",
    error="#cf222e",
    foreground="#1f2328",
    background="#ffffff",
    surface="#f1f4f7",
    panel="#e7ecf0",
    dark=False,
    variables={
        "border": "#0969da",
        "border-blurred": "#c4ccd4",
        "text-muted": "#59636e",
        "text-primary": "#0860c4",
        "text-secondary": "#7240c9",
        "text-accent": "#13686e",
        "text-success": "#15692d",
        "text-warning": "#875a00",
        "text-error": "#bd1d29",
        "selection": "#d8e8fb",
        "found": "#ffe3a3",
        "scrollbar": "#c4ccd4",
        "scrollbar-background": "#ffffff",
        "scrollbar-corner-color": "#ffffff",
    },
)


class ClusterviewApp(TypedOrder):
    """hub: started after the first frame is painted, stopped before the app ends, both awaited. theme: "dark", "light"
    or the name of one of Textual's. keymap: binding id -> keys. aliases: words for `:` lines. views: saved ones, by
    name. first: what to show at the start. flash: cells that have just changed stand out for a moment. collector: looks
    for garbage, in place of Python itself."""

    TITLE = "clusterview"
    CSS_PATH = STYLES

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", id="app.help"),
        Binding("ctrl+r", "refresh_now", "Ask everything anew", id="app.refresh"),
        Binding("q", "quit", "Quit", id="app.quit"),
        Binding("ctrl+c", "quit", "Quit", id="app.interrupt", show=False, priority=True),
    ]

    def __init__(
        self,
        hub: DataLayer,
        clock: Clock,
        *,
        theme: str = "dark",
        keymap: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
        views: Mapping[str, SavedView] | None = None,
        first: View | None = None,
        flash: bool = True,
        collector: Collector | None = None,
    ) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        wanted = {"dark": DARK.name, "light": LIGHT.name}.get(theme, theme)
        self.theme = wanted if wanted in self.available_themes else DARK.name
        self._hub = hub
        self._clock = clock
        self._keys = dict(keymap or {})
        self._collector = collector
        self._overview = Overview(
            hub, clock, aliases=dict(aliases or {}), views=dict(views or {}), first=first, flash=flash
        )
        self.crash: Exception | None = None
        """What ended the app, if it was not the user."""

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        hear_escape(found)
        return telling_at_once(found)

    def get_default_screen(self) -> Screen[None]:
        return self._overview

    def on_mount(self) -> None:
        self.set_keymap(self._keys)
        self.call_after_refresh(self._hub.start)
        if (collector := self._collector) is not None:
            self.set_interval(EVERY, lambda: collector.look(self.quiet))

    def hurry(self, seconds: float) -> None:
        self._hub.give_way(seconds)

    async def on_unmount(self) -> None:
        await self._hub.stop()

    def _handle_exception(self, error: Exception) -> None:
        if self.crash is None:
            self.crash = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette lists whatever has a key here."""
        seen = set[str]()
        for active in screen.active_bindings.values():
            binding = active.binding
            if active.enabled and binding.show and binding.description and binding.action not in seen:
                seen.add(binding.action)
                yield SystemCommand(
                    binding.description,
                    f"key: {self.get_key_display(binding)}",
                    lambda action=binding.action, node=active.node: self.run_action(action, node),
                )
        if isinstance(screen, ChangeKeys):
            for words, detail, callback in screen.palette():
                yield SystemCommand(words, detail, callback)

    @on(FeedPane.CopyWanted)
    def copy_wanted(self, message: FeedPane.CopyWanted) -> None:
        self.copy_to_clipboard(message.text)
        lines = message.text.splitlines()
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        self.notify(f"copied {lines[0] if lines else ''}{more}", markup=False, timeout=2)

    @on(FeedPane.DetailsWanted)
    def details_wanted(self, message: FeedPane.DetailsWanted) -> None:
        from screens.reader import Reader

        self.push_screen(Reader(message.details))

    @on(ResourcePane.ObjectWanted)
    def object_wanted(self, message: ResourcePane.ObjectWanted) -> None:
        from screens.object import ObjectScreen
        from tui.present.object import Tab

        message.stop()
        tab = Tab(message.tab)
        self.push_screen(ObjectScreen(self._hub, self._clock, message.ref, tab))

    @on(LogPane.Wanted)
    async def logs_wanted(self, message: LogPane.Wanted) -> None:
        """The Logs pane is part of the overview, so what is in front of that goes."""
        message.stop()
        while len(self.screen_stack) > 1:
            await self.pop_screen()  # pyright: ignore[reportUnknownMemberType]
        self._overview.show_logs(message.query)

    def action_help(self) -> None:
        """Every key, from the bindings themselves."""
        from screens.help import help_text
        from screens.help_sections import sections
        from screens.reader import Reader

        self.push_screen(Reader(help_text([("Everywhere", self.BINDINGS), *sections()], self._keys)))

    def end_soon(self) -> None:
        """Quit, asked by another thread; does nothing before the app runs."""
        if self.is_running:
            self.call_later(self.exit)

    def action_refresh_now(self) -> None:
        self._hub.refresh()


def run_app(app: ClusterviewApp) -> None:
    """Run until the user quits. Raises whatever crashed it, after the terminal has been put back."""
    app.run()
    if app.crash is not None:
        raise app.crash
