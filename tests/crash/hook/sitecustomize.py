"""Stops a process at the n-th change that it is about to make to a file of one server.

Python loads this by itself where PYTHONPATH names this folder, and tells it of every file before it
is opened, renamed or removed (audit events, PEP 578). The folder that CRASH_POINTS names holds a
file for each server with the number of the change; what is about to change is written to `.seen`
beside it. A process that is stopped waits to be killed. While a file `read-only` lies there, stored
objects cannot be changed, as on a disk that has failed. ENIGM_MISTAKE names what is wrong with the
product itself (`mistakes`).
"""

import errno
import os
import sys
import time

POINTS = os.environ["CRASH_POINTS"]
READ_ONLY = f"{POINTS}/read-only"
CHANGES = {"os.remove", "os.rename"}
FOR_WRITING = os.O_WRONLY | os.O_RDWR


def look(event, args):
    """Wait for ever at the point; fail where nothing may be changed."""
    if event in CHANGES or (event == "open" and args[2] & FOR_WRITING):
        path = str(args[0])
        if "/objects/" in path and os.path.exists(READ_ONLY):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        if not path.startswith(POINTS):
            for point in points_of(path):
                while written_down(event, path, point) == number_of(point):
                    time.sleep(600)


def points_of(path):
    """The points of the server whose id stands in the path."""
    return [f"{POINTS}/{each}" for each in os.listdir(POINTS) if each in path]


def number_of(point):
    with open(point) as file:
        return int(file.read())


def written_down(event, path, point):
    """How many changes there are with this one."""
    with open(f"{point}.seen", "a+") as seen:
        seen.write(f"{event} {os.path.basename(path)}\n")
        seen.seek(0)
        return len(seen.readlines())


sys.addaudithook(look)
if "ENIGM_MISTAKE" in os.environ:
    from mistakes import Finder

    sys.meta_path.insert(0, Finder(os.environ["ENIGM_MISTAKE"]))
