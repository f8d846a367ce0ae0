"""Second part of the story: people ask to join, and an administrator answers."""

from .people import People
from .wire import expect


def mistype(people: People) -> str:
    """Lena mistypes the Server ID and is told before any look-up"""
    last = "1" if people.server_id[-1] == "0" else "0"
    return people.lena.ask_to_join(people.server_id[:-1] + last).expect(422).problem


def ask(people: People) -> str:
    """Lena, Ines and Marek ask to join with the right one"""
    for app in (people.lena, people.ines, people.marek):
        app.ask_to_join(people.server_id).expect(202)
        expect(f"what {app.name} is told", app.standing_of_request(), "waiting")
    return f"waiting; to read now is {people.lena.page(people.server_id).expect(403).problem}"


def answer(people: People) -> str:
    """Paula approves Lena and Ines, and rejects Marek"""
    people.paula.open(f"{people.server}join-requests/")
    people.paula.press("Approve Lena Hoff")
    people.paula.press("Approve Ines Duarte")
    page = people.paula.press("Reject Marek Solt")
    return page.find("Nobody is waiting")


def hear(people: People) -> str:
    """Their apps hear of it"""
    told = [app.standing_of_request() for app in (people.lena, people.ines, people.marek)]
    expect("what they are told", told, ["approved", "approved", "ended"])
    return ", ".join(told)
