import http.client
import socket
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from enigm_command import start
from enigm_command.devstack import stack
from enigm_command.devstack.program import Program

PORTS = range(8000, 8020)
WEB = (
    "gunicorn enigm_command.wsgi --worker-class gthread --threads 8 --no-control-socket"
    " --forwarded-allow-ips="  # whether a proxy is believed is for the application to say
)
CELERY = "celery --quiet --app enigm_command"
WORKER = "worker --concurrency 2 --without-gossip --without-mingle"
BEAT = "beat --pidfile="
# Root is who runs it where there is nobody else, so Celery need not warn of that.
PYTHON = (sys.executable, "-W", "ignore:You're running the worker", "-m")


class Command(BaseCommand):
    help = "Run everything on this machine: services, web, worker and clock. Ctrl-C ends it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="exactly this one, not the next free one")

    def handle(self, *args: Any, port: int | None, **options: Any) -> None:
        began = time.monotonic()
        try:
            with stack.own("up") as (claim, supervisor), _listen(port) as listener:
                address = f"http://localhost:{listener.getsockname()[1]}"  # passkeys need a name
                self.set_up()
                for program in programs(listener, address):
                    supervisor.start(program)
                claim.tell(address=address)
                self.say(f"{address} runs, after {time.monotonic() - began:.1f} s. Ctrl-C ends it.")
                supervisor.watch()
        except KeyboardInterrupt:
            self.say(f"ended. The data stay in {settings.STATE}.")

    def set_up(self) -> None:
        """Tables, static files and, on the first start, people to try it with."""
        self.say("services run; bringing the database and the static files up to date")
        call_command("migrate", verbosity=0)
        start.before_serving()
        call_command("build_static")
        if settings.DEBUG and not get_user_model().objects.exists():
            call_command("seed")
        connections.close_all()

    def say(self, line: str) -> None:
        """One line of the supervisor's own, at once."""
        self.stdout.write(f"enigm: {line}")
        self.stdout.flush()


def _listen(port: int | None) -> socket.socket:
    """The web server's socket. It is kept while the web server is started again: no caller is lost.

    The port asked for, or the first free one.
    """
    for each in [port] if port else PORTS:
        try:
            return socket.create_server(("127.0.0.1", each))
        except OSError:
            continue
    if port:
        raise stack.Refused(f"port {port} is taken: choose another one, or leave --port out.")
    raise stack.Refused(f"ports {PORTS[0]} to {PORTS[-1]} are taken: choose one by --port.")


def programs(listener: socket.socket, address: str) -> list[Program]:
    socket_number = listener.fileno()
    web = f"{WEB} --bind fd://{socket_number} --log-level warning"
    worker, beat = (f"{CELERY} {part} --loglevel WARNING" for part in (WORKER, BEAT))
    site = {"SITE_URL": address}
    return [
        Program("worker", [*PYTHON, *worker.split()], defaults=site),
        Program("beat", [*PYTHON, *beat.split()], defaults=site),
        Program(
            "web",
            [*PYTHON, *web.split()],
            ready=lambda: _answers(listener),
            hands_on=[socket_number],
            defaults=site,
        ),
    ]


def _answers(listener: socket.socket) -> bool:
    """Whether anything at all is answered: a status of its own is not this command's to judge."""
    host, port = listener.getsockname()
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return bool(connection.getresponse().status)
    except OSError:
        return False
    finally:
        connection.close()
