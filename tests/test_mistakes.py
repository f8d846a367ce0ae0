"""The mistakes that `manage.py test --chaos` puts into a product can still be made in it."""

import pytest

from enigm_command.devstack import paths
from tests.crash.chaos_mistakes import MISTAKES as TOLD_OF
from tests.crash.hook.mistakes import MISTAKES, mistaken


@pytest.mark.parametrize("name", MISTAKES)
def test_the_product_reads_as_the_mistake_takes_it_to(name):
    module, _ = MISTAKES[name]
    source = (paths.ROOT / f"{module.replace('.', '/')}.py").read_text()
    changed = mistaken(name, source)
    assert changed != source
    compile(changed, module, "exec")


def test_each_mistake_is_to_be_told_of():
    assert set(TOLD_OF) == set(MISTAKES)
