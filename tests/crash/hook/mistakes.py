"""Mistakes that somebody could make in the product, as changes to its source while it is loaded.

A process that is told of one by ENIGM_MISTAKE runs with it. A test that finds nothing then would
find nothing in earnest either.
"""

from importlib.machinery import PathFinder, SourceFileLoader

MISTAKES = {
    "no sweep": ("content.tasks", [('doorbell.ring("content.purge", pk)', "run.renew()")]),
    "rows before files": (
        "content.destruction",
        [
            ("import connection, models", "import connection, models, transaction"),
            (
                "    blobs.delete_many(blobs.BlobName(*day[:2], id) for day in listed"
                " for id in day.apart)",
                "    apart = [blobs.BlobName(*day[:2], id) for day in listed for id in day.apart]\n"
                "    transaction.on_commit(lambda: blobs.delete_many(apart))",
            ),
        ],
    ),
    "entry after commit": (
        "audit.recording",
        [
            (
                "            yield entry\n",
                "            with connection.cursor() as cursor:\n"
                '                seen = "pg_current_xact_id()::text, true"\n'
                "                cursor.execute(f\"SELECT set_config('audit.seen', {seen})\")\n"
                "            yield entry\n"
                "        __import__('time').sleep(0.5)\n"
                "        with transaction.atomic(durable=True):\n",
            )
        ],
    ),
    "reads without orders": (
        "content.models.cutoffs",
        [
            (
                "    return Q(Exists(orders)) | Q(Exists(own)) | Q(Exists(single))",
                "    return Q(server_id=None)",
            )
        ],
    ),
}


def mistaken(name, source):
    """The source of a module with this mistake in it; ImportError if it reads otherwise by now."""
    module, changes = MISTAKES[name]
    for old, new in changes:
        if source.count(old) != 1:
            raise ImportError(f"{module} does not read as this mistake takes it to: {old!r}")
        source = source.replace(old, new)
    return source


class Mistake(SourceFileLoader):
    """Loads one module of the product with the mistake in it."""

    def get_code(self, fullname):
        """Compiled anew; nothing of it is kept."""
        source = mistaken(self.mistake, self.get_data(self.path).decode())
        return compile(source, self.path, "exec", dont_inherit=True)


class Finder:
    """Stands before Python's own finder, and knows one module."""

    def __init__(self, name):
        self.mistake, self.module = name, MISTAKES[name][0]

    def find_spec(self, fullname, path=None, target=None):
        """None for every other module."""
        if fullname != self.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        spec.loader = Mistake(fullname, spec.origin)
        spec.loader.mistake = self.mistake
        return spec
