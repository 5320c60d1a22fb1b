"""The log views that somebody looks at: one for each query, and the files that they are saved to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from weakref import WeakValueDictionary

from tui.data.logbook import LogView
from tui.data.logpods import LogPods
from tui.data.logsave import LogSave
from tui.data.ports import FollowLog, KubePort
from tui.data.reach import Reachability
from tui.data.runtime import Runtime
from tui.data.settings import HubSettings
from tui.data.turns import Turns
from tui.model.cluster import ClusterRef
from tui.model.logs import LogBook, LogQuery


class LogViews:
    """All views take turns at the streams that the settings allow."""

    def __init__(
        self,
        runtime: Runtime,
        settings: HubSettings,
        pods: LogPods,
        connect: Callable[[ClusterRef], Awaitable[KubePort]],
        follow: FollowLog,
        reach: Reachability,
        counted: Callable[[str], str],
    ) -> None:
        self._runtime = runtime
        self._settings = settings
        self._pods = pods
        self._connect = connect
        self._follow = follow
        self._reach = reach
        self._turns = Turns(
            runtime.clock, settings.log_streams, settings.log_streams_each, settings.gateway_per_minute, counted
        )
        self._views: WeakValueDictionary[LogQuery, LogView] = WeakValueDictionary()

    def view(self, query: LogQuery) -> LogView:
        """The same query is the same view for as long as somebody holds it."""
        view = self._views.get(query)
        if view is None:
            view = self._views[query] = LogView(
                query,
                self._runtime,
                self._pods,
                self._connect,
                self._follow,
                self._turns,
                lines=self._settings.log_lines,
                size=self._settings.log_bytes,
                lossless=self._settings.lossless_logs,
                reach=self._reach,
            )
        return view

    def save(self, book: LogBook, path: Path) -> LogSave:
        """Stream a view into a file, from the oldest line of its ring on, until it is stopped."""
        assert isinstance(book, LogView)
        saving = LogSave(book, path)
        self._runtime.tasks.spawn(saving.run(), saving.name)
        return saving
