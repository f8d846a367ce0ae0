"""The Server ID: an address to give to people. It finds a server and opens nothing.

`EN-`, 100 random bits and a check character, as `typed` makes them.
"""

from enigm_command.lib.typed import ALPHABET, Code, Mistyped

__all__ = ["ALPHABET", "Mistyped", "make", "parse"]

SERVER_ID = Code("Server ID", length=20, prefix="EN")
make, parse = SERVER_ID.make, SERVER_ID.parse
