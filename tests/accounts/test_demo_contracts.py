"""The demo world's contracts agree with what its accounts are said to pay."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from accounts.models import Account, ContractLine, ExchangeRate
from accounts.selectors.contracts import contract_book
from csplatform.world.contracts import contracts_make
from csplatform.world.people import cast_make, features_make
from csplatform.world.words import CHINESE, ENGLISH
from tenants.models import Role
from tenants.scope import tenant_scope
from tests.factories import AT, make_member, make_tenant

pytestmark = pytest.mark.django_db
LAST = date(2026, 3, 9)


@pytest.mark.parametrize(("language", "currency"), [("en", "USD"), ("zh-hans", "CNY")])
def test_every_demo_account_has_contracts_that_lead_to_its_figures(language: str, currency: str) -> None:
    tenant = make_tenant(language=language, currency=currency, timezone="UTC").tenant
    words = ENGLISH if language == "en" else CHINESE
    with tenant_scope(tenant):
        rnd = np.random.default_rng(4)
        csm = make_member(Role.CSM)
        cast = cast_make(tenant=tenant, count=60, csms=[csm], words=words, last=LAST, at=AT, rnd=rnd)
        features_make(words=words, at=AT)
        said = {a.pk: (a.arr, a.seats, a.renewal_date, a.contract_start) for a in Account.objects.all()}
        contracts_make(tenant=tenant, cast=cast, last=LAST, at=AT, seed=4)
        assert ExchangeRate.objects.exists()
        assert set(ContractLine.objects.values_list("outcome", flat=True)) == {"", "renewed", "shrunk", "lost"}
        for account in Account.objects.all():
            arr, seats, renewal, start = said[account.pk]
            assert account.terms_from == account.contract_start == start
            assert (account.seats, account.renewal_date) == (seats, renewal)
            assert account.arr == pytest.approx(arr, rel=Decimal("0.01"))
            assert contract_book(account=account, day=LAST, currency=currency).arr == account.arr
