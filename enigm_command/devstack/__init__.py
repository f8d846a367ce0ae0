"""Everything that runs on one machine by one command: services, programs, who watches them."""


class Refused(Exception):
    """The stack cannot run here and now; the message says why, in one line or with a log's end."""
