"""Runs one command as a container would: a program of its own, started by `process`, that becomes the command.

    python -I -S cell.py REPORT ROOT HOST FOLDER WALLS|OPEN TTY|PIPES COMMAND…

REPORT is the number of a file descriptor that is told why the command could not be started; it is closed without a word
where it was. With WALLS, the folder ROOT is the file system that the command sees, with the machine's programs in it,
read-only: user namespaces of Linux, which need no privilege where they are allowed. With OPEN there are no walls: the
command merely starts inside that folder. Nothing of clusterview is imported, so that this starts in some milliseconds.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import signal
import sys
import termios

NO_WALLS = "no walls"
"""The report where namespaces cannot be had; any other is the name of an errno, or `NOT_IN_PATH`."""
NOT_IN_PATH = "not in path"

_NEWNS, _NEWUTS, _NEWUSER = 0x00020000, 0x04000000, 0x10000000
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_KEPT_FLAGS = {2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}  # of statvfs -> of mount
_NO_NEW_PRIVS, _DROP_BOUND = 38, 24
# What container runtimes leave to root: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap,
# net_bind_service, audit_write, setfcap.
_CAPABILITIES = {0, 1, 3, 4, 5, 6, 7, 8, 10, 29, 31}
_LAST_CAPABILITY = 40

_PROGRAMS = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SETTINGS = ("alternatives", "ld.so.cache", "ld.so.conf", "localtime", "nsswitch.conf", "ssl", "terminfo", "vim")
_DEVICES = ("full", "null", "ptmx", "pts", "random", "tty", "urandom", "zero")
_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}


def main() -> None:
    _, report, root, host, folder, walls, terminal, *command = sys.argv
    told = int(report)
    os.set_inheritable(told, False)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)  # Python ignores some, and whoever started us may have, too
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o022)
    if terminal == "TTY":
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    try:
        if walls == "WALLS":
            _wall_in(root, host)
            os.chroot(root)
            _enter(folder)
            _give_up_powers()
        else:
            _enter(root + folder)
    except OSError:
        os.write(told, NO_WALLS.encode())
        os._exit(1)
    os.write(told, _become(command).encode())
    os._exit(127)


def _become(command: list[str]) -> str:
    """Returns only where it cannot be done: why."""
    name = command[0]
    if "/" not in name:
        folders = os.environ.get("PATH", os.defpath).split(":")
        found = (f"{folder}/{name}" for folder in folders if name)
        path = next((path for path in found if os.path.isfile(path) and os.access(path, os.X_OK)), None)
        if path is None:
            return NOT_IN_PATH
    else:
        path = name
        if os.path.isdir(path):
            return "EISDIR"
    try:
        os.execv(path, command)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "EIO")


def _enter(folder: str) -> None:
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)


def _wall_in(root: str, host: str) -> None:
    """Namespaces of our own, in which `root` is furnished. Raises OSError where this machine does not allow it."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEWUSER | _NEWNS | _NEWUTS)
    for name, line in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)
    _call("sethostname", host.encode(), len(host.encode()))
    _mount(None, "/", _REC | _PRIVATE)
    for name in _PROGRAMS:
        _show(f"/{name}", f"{root}/{name}")
    for name in _SETTINGS:
        _show(f"/etc/{name}", f"{root}/etc/{name}")
    for name in _DEVICES:
        _show(f"/dev/{name}", f"{root}/dev/{name}", writable=True)
    for name, target in _LINKS.items():
        if not os.path.lexists(f"{root}/dev/{name}"):
            os.symlink(target, f"{root}/dev/{name}")
    _show("/proc", f"{root}/proc", writable=True)


def _show(there: str, here: str, *, writable: bool = False) -> None:
    """Let what is `there` be seen `here`, if there is such a thing."""
    if os.path.islink(there) and not os.path.lexists(here) and os.path.isdir(there):
        os.symlink(os.readlink(there), here)
    if os.path.islink(here) or not os.path.exists(there):
        return
    if os.path.isdir(there):
        os.makedirs(here, exist_ok=True)
    elif not os.path.exists(here):
        os.close(os.open(here, os.O_CREAT | os.O_WRONLY, 0o644))
    _mount(there, here, _BIND | _REC)
    if not writable:
        flags = os.statvfs(here).f_flag
        kept = sum(meant for known, meant in _KEPT_FLAGS.items() if flags & known)
        _mount(None, here, _BIND | _REMOUNT | _RDONLY | kept)


def _give_up_powers() -> None:
    for number in range(_LAST_CAPABILITY + 1):
        if number not in _CAPABILITIES:
            _libc().prctl(_DROP_BOUND, number, 0, 0, 0)  # one the kernel does not know is none to give up
    _libc().prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)


def _mount(source: str | None, target: str, flags: int) -> None:
    _call("mount", source and source.encode(), target.encode(), None, ctypes.c_ulong(flags), None)


def _call(name: str, *arguments: object) -> None:
    """Call the C library. Raises OSError, also where it has no such function."""
    function = getattr(_libc(), name, None)
    if function is None:
        raise OSError(errno.ENOSYS, name)
    if function(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main()
