"""The rules of the code base that a machine can hold."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from audit.vocabulary import POWERS, Action

ROOT = Path(__file__).resolve().parent.parent
LAYERS = [  # low to high; imports go down only
    "enigm_command.lib",
    "audit",
    "accounts",
    "servers",
    "membership",
    "content",
    "lifecycle",
    "enigm_command",
]
PRODUCT = [*LAYERS[1:-1], "enigm_command"]
READS_ENVIRONMENT = {
    "enigm_command/bootstrap.py",
    "enigm_command/celery.py",
    "enigm_command/settings.py",
    "enigm_command/wsgi.py",
}


def modules(app: str) -> list[Path]:
    folder = ROOT / app.replace(".", "/")
    return sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def product_modules() -> list[Path]:
    return [path for app in PRODUCT for path in modules(app)]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_of(module: str) -> str | None:
    fitting = [layer for layer in LAYERS if module == layer or module.startswith(layer + ".")]
    return max(fitting, key=len, default=None)


@pytest.mark.parametrize("app", LAYERS)
def test_an_app_imports_only_from_lower_layers(app):
    allowed = LAYERS[: LAYERS.index(app) + 1]
    own = [path for path in modules(app) if layer_of(name_of(path)[:-3].replace("/", ".")) == app]
    upward = {
        (name_of(path), name)
        for path in own
        for name in imported(path)
        if layer_of(name) not in (None, *allowed)
    }
    assert not upward


@pytest.mark.requirement("R2")
@pytest.mark.parametrize("app", ["membership", "content"])
def test_membership_and_content_know_nothing_of_purchases(app):
    known = {
        (name_of(path), name)
        for path in modules(app)
        for name in imported(path)
        if re.search(r"purchase|subscription|invoice|payment|procurement|\.plan$", name.lower())
    }
    assert not known


def actions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in product_modules():
        if path.name == "actions.py" or path.parent.name == "actions":
            for node in parsed(path).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield path, node


def recorded_in(function: ast.AST) -> list[str]:
    return [
        node.args[0].attr
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "recording"
        and isinstance(node.args[0], ast.Attribute)
    ]


@pytest.mark.requirement("R5")
def test_every_action_records_exactly_one_act():
    wrong = {f"{name_of(path)}:{f.name}" for path, f in actions() if len(recorded_in(f)) != 1}
    assert not wrong


@pytest.mark.requirement("R5")
def test_power_is_exercised_by_no_other_door():
    outside = {
        name_of(path)
        for path in product_modules()
        if path.name not in ("actions.py", "recording.py")
        and path.parent.name != "actions"
        and recorded_in(parsed(path))
    }
    assert not outside


@pytest.mark.requirement("R5")
def test_every_act_is_performed_and_lies_in_someones_power():
    assert {act for _, function in actions() for act in recorded_in(function)} == set(Action.names)
    assert set(POWERS) == set(Action)
    assert all(POWERS.values())


def test_every_action_names_its_actor_last_and_says_what_it_does():
    for path, function in actions():
        where = f"{name_of(path)}:{function.name}"
        assert [argument.arg for argument in function.args.kwonlyargs][-1:] == ["by"], where
        assert ast.get_docstring(function), where


def test_the_vocabulary_is_alphabetical_within_its_groups():
    text = (ROOT / "audit/vocabulary.py").read_text()
    body = text[text.index("class Action") : text.index("ERASED =")]
    for group in body.split("\n    # ")[1:]:
        names = re.findall(r"^    ([A-Z_]+) =", group, re.MULTILINE)
        assert names == sorted(names)


def test_a_module_stays_readable():
    long = {name_of(path) for path in product_modules() if len(path.read_text().splitlines()) > 300}
    assert not long


def test_a_function_stays_readable():
    long = [
        f"{name_of(path)}:{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in product_modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 50
    ]
    assert not long


def public_names(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


UNSAID = {"urls", "apps", "commands"}


def is_view(node: ast.AST) -> bool:
    """A page says itself what it is; its route, its template and its test have its name."""
    arguments = node.args.args if isinstance(node, ast.FunctionDef) else []
    return bool(arguments) and arguments[0].arg == "request"


def test_what_is_public_says_what_it_is():
    silent = [
        f"{name_of(path)}:{node.name}"
        for path in product_modules()
        if not UNSAID & {*path.parts, path.stem}
        for node in public_names(parsed(path))
        if not ast.get_docstring(node) and not is_view(node) and not node.name.endswith("QuerySet")
    ]
    assert not silent


FORBIDDEN = {
    r"\bmark_safe\b|\|\s*safe\b|autoescape off": "output is escaped by the template engine",
    r"\bcsrf_exempt\b": "a view with a cookie has a token; a webhook has a signature instead",
    r"django\.db\.models\.signals|django\.dispatch": "no signals",
    r"def save\(self(?!, must_create)": "no save() overrides; a session store is no model",
    r"\.verify_token\(": "a device's own method can be raced: match_token() locks the row",
    r"<[^>{]*\s(style|on[a-z]+)=": "nothing inline: the content policy is strict",
}
EXCEPT = {  # with the reason
    # cookies are dropped at the edge; a webhook has a signature instead
    r"\bcsrf_exempt\b": ["enigm_command/panel/reports.py", "servers/views/webhooks.py"],
}


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_what_we_do_not_write(pattern):
    pages = sorted((ROOT / "templates").rglob("*.html"))
    found = [
        name_of(path)
        for path in [*product_modules(), *pages]
        if re.search(pattern, path.read_text())
    ]
    assert sorted(found) == EXCEPT.get(pattern, []), FORBIDDEN[pattern]


def calls(path: Path, name: str) -> bool:
    """Whether a function is called there by its bare name."""
    return any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "") == name
        for node in ast.walk(parsed(path))
    )


@pytest.mark.requirement("R5")
def test_a_code_is_checked_by_the_function_that_locks_the_devices_row():
    """Or two requests at once would both be let in with the one code."""
    checking = [path for path in product_modules() if calls(path, "verify_token")]
    assert checking
    assert all("django_otp.verify_token" in imported(path) for path in checking)


def test_the_environment_is_read_in_one_place():
    reading = {
        name_of(path)
        for path in product_modules()
        if re.search(r"os\.environ\b|os\.getenv", path.read_text())
    }
    development = {name for name in reading if name.startswith("enigm_command/devstack/")}
    assert reading - development <= READS_ENVIRONMENT
