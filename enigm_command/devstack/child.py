"""Becomes one program of the stack: ends when the stack does, and is not root when it must not be.

Started by path, in a Python without site packages: `child.py SIGNAL USER COMMAND...`. It arranges
itself and then turns into the command, so the process keeps its number and nothing stands between.
USER is "same" or "nobody": PostgreSQL refuses to run as root, and where this is all there is (in a
container) it runs as nobody. Nobody may keep its own data; to reach them, and its program, below
folders that only root may enter, it keeps root's one power to pass file permissions.
"""

import ctypes
import os
import pwd
import sys

LINUX = sys.platform.startswith("linux")
SET_DEATH_SIGNAL, SET_SECURE_BITS, AMBIENT, RAISE = 1, 28, 47, 2  # prctl(2)
NO_SETUID_FIXUP = 4  # a change of user takes no capability away, nor does access(2) look past them
PASS_FILE_PERMISSIONS = 1  # CAP_DAC_OVERRIDE
CAPABILITY_VERSION = 0x20080522  # capset(2)


def command(*program: str | os.PathLike[str], ends_by: int, user: str = "same") -> list[str]:
    """The command line that starts a program through this file."""
    started = [sys.executable, "-I", "-S", __file__, str(int(ends_by)), user]
    return [*started, *(os.fspath(part) for part in program)]


def main(death_signal: str, user: str, *command: str) -> None:
    """Arrange this process, then become the command."""
    if user == "nobody" and os.geteuid() == 0:
        become_nobody()
    if LINUX:  # after the change of user, which clears it
        prctl(SET_DEATH_SIGNAL, int(death_signal))
    os.execv(command[0], command)


def become_nobody() -> None:
    """Leave root, keeping the power to pass file permissions where the kernel can grant it."""
    nobody = pwd.getpwnam("nobody")
    if LINUX:
        prctl(SET_SECURE_BITS, NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    if LINUX:
        keep(PASS_FILE_PERMISSIONS)


def keep(capability: int) -> None:
    """Hold one capability, and hand it on to the command."""
    bit = 1 << capability
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable
    if libc().capset(header, sets) == 0:  # without it, open folders still work
        prctl(AMBIENT, RAISE, capability, 0, 0)


def prctl(*arguments: int) -> None:
    """The system call of that name."""
    libc().prctl(*[ctypes.c_ulong(argument) for argument in arguments])


def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
