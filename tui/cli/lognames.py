"""What stands before lines of logs: whether it does is decided by what was asked for, so that whoever reads columns of
a follow finds the same columns when the next pod joins."""

from __future__ import annotations

from msgspec import Struct

from tui.model.logs import LogQuery, LogSource
from tui.present.clean import clean


class Naming(Struct, frozen=True):
    """prefix: the source stands before each line. namespace: with its namespace, where there may be several."""

    prefix: bool = False
    namespace: bool = False

    def name(self, source: LogSource) -> str:
        """What a source is called."""
        words = (source.cluster.name, source.namespace if self.namespace else "", source.pod, source.container)
        return clean("/".join(word for word in words if word), 300)


def naming_of(query: LogQuery, clusters: int, containers: int, wanted: bool | None) -> Naming:
    """clusters: that were chosen, whether or not what was asked for is in all of them. containers: of the one pod that
    was named, as far as they are known. wanted: what was said of prefixes, None = nothing."""
    named = len(query.pods) == 1 and not query.labels
    several = clusters > 1 or not named or _several(query.namespace) or (len(query.containers) or containers) > 1
    return Naming(several if wanted is None else wanted, _several(query.namespace) and not query.agents)


def _several(namespace: str) -> bool:
    return not namespace or "," in namespace
