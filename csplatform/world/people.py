"""The demo world's accounts, contacts and touches, written in bulk."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from accounts.models import Account, Contact, Feature, LifecycleStage, Touch, TouchContact
from accounts.services import TWO_WAY_KINDS, name_key, search_fill
from csplatform.world.events import AccountPlan
from csplatform.world.stories import FEATURED, Story, stories_for
from csplatform.world.words import Words
from tenants.models import Member, Tenant
from usage.models import FeatureName, LoginName

CONTACT_ROLES = ("decision_maker", "project_lead", "system_admin", "key_person", "user", "requirement_owner", "it")
TOUCH_KINDS = ("call", "mail", "meeting", "wecom", "message", "visit")


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


def contacts_make(*, cast: Cast, words: Words, at: datetime, rnd: np.random.Generator) -> dict[int, list[Contact]]:
    """Two to five people per account, by account id."""
    rows = []
    for plan, account in zip(cast.plans, cast.accounts, strict=True):
        for place in range(int(rnd.integers(2, 6))):
            family, given = str(rnd.choice(words.people)), str(rnd.choice(words.given))
            name = family + given if not words.joiner else f"{given} {family}"
            role = CONTACT_ROLES[place]
            mail = f"{plan.external_id}-{place + 1}@example.com"
            rows.append(
                Contact(account=account, name=name, title=words.titles[role], role=role, email=mail, created_at=at)
            )
    made: dict[int, list[Contact]] = {}
    people = Contact.objects.bulk_create(rows, batch_size=2000)
    search_fill(contacts=people)
    for contact in people:
        made.setdefault(contact.account_id, []).append(contact)
    return made


def touches_make(
    *, cast: Cast, contacts: dict[int, list[Contact]], words: Words, last: date, rnd: np.random.Generator
) -> None:
    """Touches every two to five weeks, until the story falls silent; after that only unanswered mails."""
    rows: list[Touch] = []
    people: list[list[Contact]] = []
    for plan, account in zip(cast.plans, cast.accounts, strict=True):
        ago = int(rnd.integers(1, 24))
        while ago < 380 and account.contract_start and last - timedelta(days=ago) > account.contract_start:
            kind = str(rnd.choice(TOUCH_KINDS))
            answered = bool(rnd.random() < 0.94)
            if plan.story.silent_from is not None and ago < plan.story.silent_from:
                kind, answered = "mail", False
            on = last - timedelta(days=ago)
            stamp = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
            two_way = kind in TWO_WAY_KINDS or answered
            rows.append(
                Touch(
                    account=account,
                    kind=kind,
                    on=on,
                    note=str(rnd.choice(words.notes)),
                    two_way=two_way,
                    author_id=account.csm_id,
                    created_at=stamp,
                )
            )
            there = contacts[account.pk]
            gone = plan.story.decision_maker_gone and ago < (plan.story.silent_from or 0)
            people.append([there[1 if gone or len(there) > 1 and rnd.random() < 0.7 else 0]])
            ago += int(rnd.integers(12, 38))
    made = Touch.objects.bulk_create(rows, batch_size=2000)
    links = [TouchContact(touch=t, contact=c) for t, there in zip(made, people, strict=True) for c in there]
    TouchContact.objects.bulk_create(links, batch_size=2000)


def features_make(*, words: Words, at: datetime) -> None:
    """The product's features, the event names that are their use, and the login event."""
    for feature in words.features:
        row = Feature.objects.create(
            key=feature.key, name=feature.name, core=feature.core, target_uses=feature.target, created_at=at
        )
        FeatureName.objects.bulk_create([FeatureName(feature=row, event_name=name) for name in feature.events])
    LoginName.objects.create(event_name=words.login)
