"""The folders in which commands of containers run: one for each container, made when it is first needed.

A container that starts again finds an empty one; a pod that is gone takes its folders with it.
"""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from tui.sim.kube.objects import mapping, name_of, text, uid_of
from tui.sim.kube.status import Obj
from tui.sim.kube.streams.guard import remove
from tui.sim.kube.streams.guarding import GUARDED, named

_FOLDERS = ("app", "data", "dev", "etc", "home", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp")
_FOLDERS_IN_VAR = ("var/log", "var/tmp")
_PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
_GROUP = "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"


class Rooms:
    """Of one cluster. Nothing is on the disk before a first command runs."""

    def __init__(self) -> None:
        self._base: Path | None = None  # made when it is needed
        self._guarded = ""
        self._rooms: dict[str, dict[str, tuple[str, Path]]] = {}  # by uid of the pod, then by container
        self._end: Callable[[], object] = lambda: None

    def of(self, pod: Obj, container: str, container_id: str) -> Path:
        """The folder of one run of a container."""
        rooms = self._rooms.setdefault(uid_of(pod), {})
        if container in rooms:
            known, path = rooms[container]
            if known == container_id:
                return path
            _remove_aside(path)
        path = Path(tempfile.mkdtemp(prefix=f"{container[:40]}-", dir=self.base))
        rooms[container] = (container_id, path)
        _furnish(path, pod)
        return path

    def forget(self, uid: str) -> None:
        """The pod is gone."""
        for _, path in self._rooms.pop(uid, {}).values():
            _remove_aside(path)

    def close(self) -> None:
        """Remove all of them."""
        self._end()
        if self._base is not None:
            GUARDED.ends("folder", self._guarded)
        self._base = None
        self._rooms.clear()

    @property
    def base(self) -> Path:
        """The folder of all folders."""
        if self._base is None:
            self._base = Path(tempfile.mkdtemp(prefix="clusterview-pods-"))
            self._guarded = named(self._base)
            GUARDED.begins("folder", self._guarded)
            self._end = weakref.finalize(self, remove, self._base)
        return self._base


def _furnish(path: Path, pod: Obj) -> None:
    path.chmod(0o755)
    for folder in (*_FOLDERS, *_FOLDERS_IN_VAR):
        (path / folder).mkdir(parents=True, exist_ok=True)
    for folder in ("tmp", "var/tmp"):
        (path / folder).chmod(0o1777)
    name, address = name_of(pod), text(mapping(pod.get("status")).get("podIP"))
    hosts = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
    files = {"hostname": f"{name}\n", "hosts": hosts + (f"{address}\t{name}\n" if address else "")}
    namespace = text(pod["metadata"].get("namespace"))
    search = f"search {namespace}.svc.cluster.local svc.cluster.local cluster.local"
    files["resolv.conf"] = f"{search}\nnameserver 10.96.0.10\noptions ndots:5\n"
    for file, content in {**files, "passwd": _PASSWD, "group": _GROUP}.items():
        (path / "etc" / file).write_text(content, encoding="utf-8")


def _remove_aside(path: Path) -> None:
    """Big trees take their time, which is not the event loop's."""
    threading.Thread(target=remove, args=(path,), name=f"removing {path.name}").start()
