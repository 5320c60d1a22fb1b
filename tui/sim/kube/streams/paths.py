"""Commands where a container's folder cannot be made the root of what they see: their paths are read within it.

Without namespaces (macOS, or a Linux that does not allow them) a command starts inside the container's folder, which is
then "/" only for those words of it that are plainly paths: the arguments of the tools that deal in files, so that
copying with tar works. What a script inside `sh -c` calls by an absolute path is the machine's.
"""

from __future__ import annotations

from collections.abc import Sequence

_READERS = ("ls", "cat", "stat", "head", "tail", "wc", "du", "find", "readlink", "file", "less", "more", "test", "[")
_SUMS = ("md5sum", "sha1sum", "sha256sum", "cksum")
_WRITERS = ("cp", "mv", "rm", "mkdir", "rmdir", "touch", "ln", "chmod", "chown", "tee", "dd", "vi", "vim", "nano")
_TOOLS = frozenset(("tar", *_READERS, *_SUMS, *_WRITERS))
_VALUED = ("if=", "of=", "--file=", "--directory=")


def within(command: Sequence[str]) -> list[str]:
    """The command as it means the same to a process that starts in the container's folder."""
    name, *words = command
    if name.rpartition("/")[2] not in _TOOLS:
        return list(command)
    return [name, *(_word(word) for word in words)]


def _word(word: str) -> str:
    for option in _VALUED:
        if word.startswith(f"{option}/"):
            return option + _relative(word.removeprefix(option))
    return _relative(word) if word.startswith("/") else word


def _relative(path: str) -> str:
    """Below the folder that a command starts in, and never above it."""
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps) or "."
