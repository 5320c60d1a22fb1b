"""Runs one program, and tells what it cost: a process that is small itself, since Linux counts what its parent held as
the most that a child held (`ru_maxrss` outlives execve(2)), and so this one's 8 MB. No package and no module that it
could do without."""

import os
import sys
import time


def main() -> None:
    """Arguments: the descriptor to tell it on, the command. Told: seconds, those of the processor, KiB, exit code."""
    told, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(told, False)
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(child, 0)
    seconds, code = time.perf_counter() - started, os.waitstatus_to_exitcode(status)
    os.write(told, f"{seconds} {used.ru_utime + used.ru_stime} {used.ru_maxrss} {code}".encode())


main()
