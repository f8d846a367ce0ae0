"""Who takes part in the story, and what they have learned so far."""

import secrets

from .app import App, Conversation, Sent
from .authenticator import Authenticator
from .browser import Browser


class People:
    """Paula sits before a browser; Lena, Ines and Marek have the app on their phones."""

    authenticator: Authenticator
    server: str  # the path of the server's pages
    server_id: str
    order: str  # the path of the deletion order's page
    receipt: bytes

    def __init__(self, site: str) -> None:
        telling = secrets.token_hex(3)  # the same story can be told again
        self.username, self.password = f"paula-{telling}", secrets.token_urlsafe(16)
        self.paula = Browser(site)
        self.lena = App(site, f"lena-{telling}", "Lena Hoff")
        self.ines = App(site, f"ines-{telling}", "Ines Duarte")
        self.marek = App(site, f"marek-{telling}", "Marek Solt")
        self.talk = Conversation.begin()
        self.sent: dict[str, Sent] = {}  # Lena's and Ines's, by their ids
        self.by_lena: set[str] = set()
