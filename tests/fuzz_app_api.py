"""Whatever is sent to the app API, it answers as documented: run by `manage.py test --fuzz`.

The product runs in processes of its own. Requests are made up from its OpenAPI document, well and
ill formed, by people who may and may not, to servers that are there and are not.
"""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import allow_header_conformance, positive_data_acceptance

from enigm_command.api import api
from enigm_command.devstack import issuer
from enigm_command.lib import locator
from servers.models import Standing
from tests.app import issued
from tests.day import Product
from tests.factories import MembershipFactory, ServerFactory
from tests.objects import member_of, sealed, store

OFTEN = 50  # requests to each route, beside those that are made up one by one
LEFT_OUT = [
    positive_data_acceptance,  # what is well formed may be refused all the same, and often is
    allow_header_conformance,  # methods that no address takes are refused before any is looked up
]


@pytest.fixture
def places(transactional_db: None) -> dict[str, list[str]]:
    """Addresses that lead somewhere for Uma, and some that do not."""
    hers, closed = ServerFactory(), ServerFactory(standing=Standing.SUSPENDED)
    MembershipFactory(server=closed, subject="uma")
    objects = [store(member_of(hers, "uma")).public_id for _ in range(3)]
    server_ids = [hers.locator, hers.locator, closed.locator, ServerFactory().locator]
    return {
        "locator": [*server_ids, locator.make()],
        "object_id": objects,
        "secret": [secrets.token_urlsafe(32)],
    }


@pytest.fixture
def site(places: Any, tmp_path: Path, settings: Any) -> Iterator[str]:
    """Where the product answers."""
    settings.DEBUG = True  # for the development issuer of app tokens
    issuer.make_keys()
    with Product(tmp_path) as product:
        yield product.site


schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))


@pytest.mark.requirement("R30")
@schema.parametrize()
@settings(
    max_examples=OFTEN, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_answer_is_documented_and_none_is_a_mistake_of_ours(case, site, places):
    chance = Random(repr(case))
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        lead_somewhere(case, places, chance)
    case.call_and_validate(
        base_url=site, headers=by_someone(chance), excluded_checks=LEFT_OUT, timeout=60
    )


def lead_somewhere(case: Case, places: dict[str, list[str]], chance: Random) -> None:
    """Most of the time, an address and a body that get further than the first check."""
    for name in case.path_parameters or {}:
        if chance.random() < 0.8:
            case.path_parameters[name] = chance.choice(places[name])
    if isinstance(case.body, dict) and chance.random() < 0.8:
        case.body["server_id"] = chance.choice(places["locator"])
    if isinstance(case.body, bytes) and chance.random() < 0.5:
        case.body = sealed()


def by_someone(chance: Random) -> dict[str, str]:
    """Uma or a stranger, from any network: a throttle would let nobody through in the end."""
    who = chance.choice(["uma", "uma", "uma", secrets.token_hex(4)])
    network = ".".join(str(secrets.randbelow(256)) for _ in range(4))
    return {"Authorization": f"Bearer {issued(who)}", "X-Forwarded-For": network}
