"""The demo world's accounts and features, written in bulk."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from accounts.models import Account, Feature, LifecycleStage
from accounts.services import name_key, search_fill
from csplatform.world.events import AccountPlan
from csplatform.world.stories import FEATURED, Story, stories_for
from csplatform.world.words import Words
from tenants.models import Member, Tenant
from usage.models import FeatureName, LoginName


@dataclass(frozen=True)
class Cast:
    """Who the world is about: plans beside their rows."""

    plans: list[AccountPlan]
    accounts: list[Account]


def _name(number: int, words: Words, rnd: np.random.Generator) -> str:
    pairs = len(words.first) * len(words.second)
    place = (number * 7919) % pairs
    name = words.first[place % len(words.first)] + words.joiner + words.second[place // len(words.first)]
    return name if number < pairs else f"{name} {number // pairs + 1}"


def _plan(number: int, slug: str, story: Story, words: Words, rnd: np.random.Generator) -> AccountPlan:
    users = int(np.clip(rnd.lognormal(1.9, 0.7), 3, 60)) + (14 if story in FEATURED else 0)
    seats = max(users, round(users / story.seats_used))
    diligence = np.clip(rnd.beta(1.3, 3.2, users), 0.02, 0.95)
    diligence[0] = 0.85
    return AccountPlan(f"{slug}-{number + 1:04d}", _name(number, words, rnd), story, users, seats, 2.5, diligence)


def _account(
    plan: AccountPlan, tenant: Tenant, csm: Member, words: Words, last: date, at: datetime, rnd: np.random.Generator
) -> Account:
    renewal_in = plan.story.renewal_in or int(rnd.integers(5, 364))
    started = last + timedelta(days=renewal_in) - timedelta(days=365 * int(rnd.integers(1, 4)))
    if plan.story.key == "just live":
        started, renewal_in = last - timedelta(days=45), 320
    price = 960 if tenant.currency == "USD" else 6400
    arr = Decimal(round(plan.seats * price * rnd.uniform(0.7, 1.3) * plan.story.arr_factor, -2))
    size = 0 if arr > price * 90 else 1 if arr > price * 25 else 2
    stage = LifecycleStage.TRAINING if plan.story.key == "just live" else LifecycleStage.AFTER_SALES
    if renewal_in < 60:
        stage = LifecycleStage.EXPANSION
    return Account(
        tenant=tenant,
        external_id=plan.external_id,
        name=plan.name,
        name_key=name_key(plan.name),
        industry="Education"
        if plan.story.key == "school" and tenant.language == "en"
        else str(rnd.choice(words.industries)),
        segment=words.segments[size],
        lifecycle_stage=stage,
        csm=csm,
        seats=plan.seats,
        contract_start=started,
        renewal_date=last + timedelta(days=renewal_in),
        arr=arr,
        currency=tenant.currency,
        created_at=at,
    )


def cast_make(
    *, tenant: Tenant, count: int, csms: list[Member], words: Words, last: date, at: datetime, rnd: np.random.Generator
) -> Cast:
    """Accounts with their stories, spread over the CSMs."""
    plans = [_plan(i, tenant.slug, story, words, rnd) for i, story in enumerate(stories_for(count, rnd))]
    rows = [_account(plan, tenant, csms[i % len(csms)], words, last, at, rnd) for i, plan in enumerate(plans)]
    made = Account.objects.bulk_create(rows, batch_size=2000)
    search_fill(accounts=made)
    return Cast(plans, made)


def features_make(*, words: Words, at: datetime) -> None:
    """The product's features, the event names that are their use, and the login event."""
    for feature in words.features:
        row = Feature.objects.create(
            key=feature.key, name=feature.name, core=feature.core, target_uses=feature.target, created_at=at
        )
        FeatureName.objects.bulk_create([FeatureName(feature=row, event_name=name) for name in feature.events])
    LoginName.objects.create(event_name=words.login)
