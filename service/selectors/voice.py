"""Reads requests with the accounts behind them, rivals, and success cases where they fit."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db import connection
from django.db.models import Count, Q, QuerySet

from accounts.facts import Values
from accounts.models import Account
from accounts.selectors.contracts import rates_by_currency
from accounts.terms import Rates, rate_on, to_cents
from service.facts import VOICE_FACTS
from service.models import Request, Rival, SuccessCase, Wish
from tenants.scope import current_tenant_id

OPEN_STATES = (Request.State.NEW, Request.State.REVIEWING, Request.State.PLANNED)


@dataclass(frozen=True)
class Money:
    """The ARR of some accounts in the tenant's currency, to the cent at the day's rates. `unpriced`: accounts whose
    ARR is unknown, or in a currency without a rate; they are not in the sum.
    """

    arr: Decimal
    unpriced: int


def arr_behind(accounts: Sequence[Account], *, rates: Rates, currency: str, day: date) -> Money:
    """What these accounts bring in a year: exact until the sum is rounded to cents."""
    total, unpriced = Fraction(0), 0
    for account in accounts:
        rate = rate_on(rates, account.currency, currency, day)
        if account.arr is None or rate is None:
            unpriced += 1
        else:
            total += Fraction(account.arr) * Fraction(rate)
    return Money(to_cents(total), unpriced)


@dataclass(frozen=True)
class Asked:
    """Which requests a list shows: `state` "open" chooses what is not decided or delivered yet, "untold" those whose
    answer some account has not heard.
    """

    state: str = ""
    feature: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Wanted:
    """A request with who wants it, of the accounts that the reader may see."""

    request: Request
    wishes: list[Wish]
    money: Money

    @property
    def untold(self) -> int:
        """How many of the accounts have not heard the present answer."""
        return sum(self.request.answers != wish.told_answer for wish in self.wishes) if self.request.answers else 0

    @property
    def told(self) -> int:
        """How many have heard it."""
        return len(self.wishes) - self.untold if self.request.answers else 0


MOST = 300


def wanted_of(*, requests: Sequence[Request], accounts: QuerySet[Account], currency: str, day: date) -> list[Wanted]:
    """These requests with the wishes of these accounts: two queries and the rates, however many they are."""
    by_request: dict[int, list[Wish]] = defaultdict(list)
    wishes = Wish.objects.filter(request__in=[one.pk for one in requests], account__in=accounts)
    for wish in wishes.select_related("account__csm__user", "contact", "told_touch__author__user"):
        by_request[wish.request_id].append(wish)
    rates = rates_by_currency()
    found = []
    for request in requests:
        own = sorted(by_request[request.pk], key=lambda wish: (-(wish.account.arr or 0), wish.account.name_key))
        money = arr_behind([wish.account for wish in own], rates=rates, currency=currency, day=day)
        found.append(Wanted(request, own, money))
    return found


def request_list(*, asked: Asked, accounts: QuerySet[Account], currency: str, day: date) -> list[Wanted]:
    """The requests that the reader asks for, those with most ARR behind them on top; merged ones are left out."""
    found = Request.objects.exclude(state=Request.State.MERGED).select_related("feature", "created_by__user")
    if asked.state == "open":
        found = found.filter(state__in=OPEN_STATES)
    elif asked.state == "untold":
        found = found.filter(answers__gt=0)
    elif asked.state:
        found = found.filter(state=asked.state)
    if asked.feature is not None:
        found = found.filter(feature=asked.feature)
    if asked.text:
        found = found.filter(Q(title__icontains=asked.text) | Q(detail__icontains=asked.text))
    rows = wanted_of(requests=list(found.order_by("-id")[:MOST]), accounts=accounts, currency=currency, day=day)
    if asked.state == "untold":
        rows = [one for one in rows if one.untold]
    return sorted(rows, key=lambda one: (-one.money.arr, -len(one.wishes), -one.request.pk))


def wishes_of_account(*, account: Account) -> list[Wish]:
    """What the account wants, undecided first, with its requests."""
    wishes = Wish.objects.filter(account=account).select_related("request__feature", "contact")
    ranked = {"new": 0, "reviewing": 1, "planned": 2, "done": 3, "declined": 4}
    return sorted(wishes, key=lambda wish: (ranked.get(wish.request.state, 5), -wish.pk))


def rivals_of_account(*, account: Account) -> list[Rival]:
    """The rival products seen at the account: those still there first."""
    found = Rival.objects.filter(account=account).select_related("seen_by__user")
    return sorted(found, key=lambda rival: (rival.gone_on is not None, rival.name))


def rival_names() -> list[str]:
    """The names of rivals noted so far, the commonest first, to be offered while one types."""
    rows = Rival.objects.values_list("name").annotate(seen=Count("id")).order_by("-seen", "name")[:50]
    return [name for name, _seen in rows]


def case_list(
    *, industry: str = "", feature: int | None = None, text: str = "", drafts: bool = True
) -> list[SuccessCase]:
    """Success cases by industry, feature and words, newest first."""
    found = SuccessCase.objects.prefetch_related("features").select_related("account")
    if not drafts:
        found = found.filter(published=True)
    if industry:
        found = found.filter(industry=industry)
    if feature is not None:
        found = found.filter(features=feature)
    if text:
        names = ("title_en", "story_en", "result_en", "title_zh", "story_zh", "result_zh")
        words = Q()
        for name in names:
            words |= Q(**{f"{name}__icontains": text})
        found = found.filter(words)
    return list(found.order_by("-id")[:MOST])


def case_industries() -> list[str]:
    """The industries that cases or accounts have, by name."""
    names = set(SuccessCase.objects.exclude(industry="").values_list("industry", flat=True).distinct())
    return sorted(names | set(Account.objects.exclude(industry="").values_list("industry", flat=True).distinct()))


def cases_fitting(*, account: Account, features: Collection[int]) -> dict[int, list[SuccessCase]]:
    """Published cases for each of the features: those of the account's industry first, then those of none named, then
    others; the account's own are left out.
    """
    found: dict[int, list[SuccessCase]] = defaultdict(list)
    cases = SuccessCase.objects.filter(published=True, features__in=features).exclude(account=account).distinct()
    for case in cases.prefetch_related("features"):
        for feature in case.features.all():
            if feature.pk in features:
                found[feature.pk].append(case)
    rank = {account.industry: 0, "": 1} if account.industry else {"": 0}
    return {pk: sorted(own, key=lambda case: (rank.get(case.industry, 2), -case.pk))[:2] for pk, own in found.items()}


def voice_facts(_as_of: date, account_ids: Sequence[int] | None) -> Mapping[str, Values]:
    """Open requests and rivals by account, as noted now."""
    wanted = None if account_ids is None else set(account_ids)
    found: dict[str, Values] = {}
    with connection.cursor() as cursor:
        for fact in VOICE_FACTS:
            cursor.execute(fact.sql, {"tenant": current_tenant_id()})
            found[fact.key] = {pk: value for pk, value in cursor.fetchall() if wanted is None or pk in wanted}
    return found
