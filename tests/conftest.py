"""The test session: real services, a database of its own per worker, the run-time role everywhere."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import django
import pytest
from django.conf import settings
from django.utils import translation

from tests import services

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

# Before settings are read, and so before the conftest of any app imports a model.
if settings.configured:
    raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the tests choose their services before settings are read.")
services.begin()
os.environ["DJANGO_SETTINGS_MODULE"] = "csplatform.settings"
django.setup()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Workers read settings only after they have chosen their own database."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: "DjangoDbBlocker") -> Iterator[None]:
    """This worker's database, a copy of the migrated template; emptied by the owner; and the static files."""
    from django.db import connections

    from csplatform.demo.statics import collect

    with django_db_blocker.unblock():
        services.make_database()
        collect()
        _truncate_as_owner()
    yield
    with django_db_blocker.unblock():
        connections.close_all()


def _truncate_as_owner() -> None:
    """Tests that commit end by emptying every table, which the run-time role may not."""
    from django.db import connections

    operations: Any = connections["default"].ops
    operations.execute_sql_flush = services.run_as_owner


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A request in another language leaves it on in its thread; the next test begins in the source's."""
    yield
    translation.deactivate()
