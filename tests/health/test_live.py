"""What a preview rests on: read once, kept for a moment for who edits, and never for anybody else."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account
from health.card import card_of
from health.inputs import raws_of
from health.live import KEPT, Inputs
from health.preview import preview
from health.selectors import scorecard_get, version_latest
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_tenant
from tests.portfolio.world import make_metric
from usage.models import Metric

pytestmark = pytest.mark.django_db


def test_facts_read_a_moment_before_serve_an_editor_again_and_nobody_else() -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        account = make_account(made.tenant)
        make_metric(account, breadth=0.9, depth=0.9)
        card, document = scorecard_get(), version_latest().definition
        asked: Any = {"card": card, "document": document, "as_of": DAY}
        first = preview(**asked, live=AT)
        assert first.scores == preview(**asked).scores
        Metric.objects.filter(day=DAY).update(breadth=0.1, depth=0.1)
        fresh = preview(**asked).scores
        assert fresh != first.scores
        assert preview(**asked, live=AT + KEPT - timedelta(seconds=1)).scores == first.scores
        assert preview(**asked, live=AT + KEPT).scores == fresh
        Metric.objects.filter(day=DAY).update(breadth=0.5)
        make_metric(make_account(made.tenant))  # other accounts: everything is read again
        assert preview(**asked, live=AT + KEPT).scores == preview(**asked).scores


def test_columns_are_those_of_the_card_for_any_of_the_accounts() -> None:
    made = make_tenant()
    with tenant_scope(made.tenant):
        ids = [make_account(made.tenant).pk for _ in range(5)]
        for place, pk in enumerate(ids[:4]):
            make_metric(Account.objects.get(pk=pk), breadth=place / 10)
        card = card_of(version_latest().definition)
        inputs = Inputs(as_of=DAY, account_ids=ids)
        some = [ids[3], ids[0]]
        found, expected = inputs.raws(card, inputs.rows(some)), raws_of(card=card, as_of=DAY, account_ids=some)
        assert str(found.tolist()) == str(expected.tolist())
