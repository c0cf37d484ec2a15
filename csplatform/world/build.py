"""Builds the demo world: tenants, people, accounts, a history of events, and every night of it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import translation

from csplatform.world.answers import answers_make, articles_make
from csplatform.world.book import contacts_make, events_make, touches_make
from csplatform.world.contracts import contracts_make
from csplatform.world.events import calls_by_day, plan_use
from csplatform.world.groups import groups_make
from csplatform.world.handovers import handovers_make
from csplatform.world.imports import imports_make
from csplatform.world.lifecycle import rules_make, stages_make
from csplatform.world.overrides import overrides_make
from csplatform.world.payments import payments_make
from csplatform.world.people import cast_make, features_make
from csplatform.world.scorecards import rescored_make, scorecards_make
from csplatform.world.table import table_make
from csplatform.world.tickets import tickets_make
from csplatform.world.tiers import tiers_make
from csplatform.world.today import today_make
from csplatform.world.voice import voice_make
from csplatform.world.words import CHINESE, ENGLISH, Words
from operations.days import last_closable_day
from pipeline.services import history_close
from tenants.models import Member, Role, Tenant, User
from tenants.scope import tenant_scope
from tenants.services import member_add, tenant_create
from usage.models import IntakeBody

# Says how far a slow part is: what is being done, how much is done, how much there is.
Progress = Callable[[str, int, int], None]
HISTORY_DAYS = 400


@dataclass(frozen=True)
class Recipe:
    """A tenant to make."""

    slug: str
    name: str
    language: str
    timezone: str
    zone_hours: int
    currency: str
    accounts: int
    events: int
    days: int = HISTORY_DAYS


@dataclass
class Told:
    """What a person or program needs to get into a demo tenant."""

    slug: str
    name: str
    language: str
    write_key: str
    api_key: str
    logins: list[dict[str, str]] = field(default_factory=list)


DEMO = (
    Recipe("northwind", "Northwind Cloud", "en", "America/New_York", -5, "USD", 240, 290_000),
    Recipe("yunfan", "云帆软件", "zh-hans", "Asia/Shanghai", 8, "CNY", 120, 210_000),
)


def tenant_build(*, recipe: Recipe, seed: int, at: datetime, progress: Progress) -> Told:
    """Make one tenant with its whole history, all in the state in which a real one would be after the last night."""
    words = ENGLISH if recipe.language == "en" else CHINESE
    rnd = np.random.default_rng([seed, len(recipe.slug), recipe.accounts])
    tenant, told = _tenant(recipe, words, at)
    last = last_closable_day(tenant.timezone, tenant.night_hour, at)
    with tenant_scope(tenant):
        csms = list(Member.objects.filter(role=Role.CSM).order_by("id"))
        cast = cast_make(tenant=tenant, count=recipe.accounts, csms=csms, words=words, last=last, at=at, rnd=rnd)
        contacts = contacts_make(cast=cast, words=words, last=last, at=at, rnd=rnd)
        touches_make(cast=cast, contacts=contacts, words=words, last=last, rnd=rnd)
        events_make(cast=cast, contacts=contacts, words=words, last=last)
        tickets_make(cast=cast, language=recipe.language, last=last, rnd=rnd.spawn(1)[0])
        features_make(words=words, at=at)
        table_make(accounts=cast.accounts, language=recipe.language, last=last, at=at, seed=seed)
        contracts_make(tenant=tenant, cast=cast, last=last, at=at, seed=seed)
        stages_make(cast=cast, last=last, seed=seed)
        payments_make(accounts=cast.accounts, last=last, at=at, seed=seed)
        tiers_make(cast=cast, language=recipe.language, last=last, at=at, seed=seed)
        rules_make(language=recipe.language, at=at)
        handovers_make(cast=cast, language=recipe.language, last=last, at=at, seed=seed)
        voice_make(cast=cast, language=recipe.language, last=last, at=at, seed=seed)
        scorecards_make(cast=cast, language=recipe.language, last=last, seed=seed)
        articles_make(language=recipe.language, at=at)
        answers_make(cast=cast, language=recipe.language, last=last, seed=seed)
        today_make(cast=cast, language=recipe.language, last=last, at=at)
        with translation.override(recipe.language):
            imports_make(tenant=tenant, cast=cast, language=recipe.language, at=at)
    active = plan_use(accounts=cast.plans, days=recipe.days, wanted=recipe.events, rnd=rnd)
    calls = calls_by_day(
        accounts=cast.plans, active=active, last=last, words=words, zone_hours=recipe.zone_hours, rnd=rnd
    )
    with tenant_scope(tenant):
        _receive(calls, last=last, progress=progress, label=recipe.name, days=recipe.days)
    history_close(tenant=tenant, first=last - timedelta(days=recipe.days - 1), last=last, at=at, progress=progress)
    with tenant_scope(tenant):
        groups_make(cast=cast)
        overrides_make(language=recipe.language, last=last, seed=seed)
    rescored_make(tenant=tenant, at=at)
    return told


def _receive(calls: Any, *, last: date, progress: Progress, label: str, days: int) -> None:
    """Store the bodies as if each had come in the evening of its day."""
    rows = []
    for call in calls:
        received = datetime.fromisoformat(f"{call.day}T23:30:00+00:00")
        rows.append(IntakeBody(received_at=received, call="batch", body=call.body))
        if len(rows) >= 50:
            IntakeBody.objects.bulk_create(rows)
            rows = []
            progress(f"{label}: events", days - (last - call.day).days, days)
    IntakeBody.objects.bulk_create(rows)
    progress(f"{label}: events", days, days)


def _tenant(recipe: Recipe, words: Words, at: datetime) -> tuple[Tenant, Told]:
    with transaction.atomic():
        made = tenant_create(
            slug=recipe.slug,
            name=recipe.name,
            timezone=recipe.timezone,
            language=recipe.language,
            currency=recipe.currency,
            admin_email=f"admin@{recipe.slug}.example",
            at=at,
        )
        made.admin.user.name = words.admin
        made.admin.user.save()
        told = Told(recipe.slug, recipe.name, recipe.language, made.write_key, made.api_key)
        told.logins.append(_login(Role.ADMIN, made.admin.user.email, made.password or ""))
        with tenant_scope(made.tenant):
            _people(recipe, words, at, told)
    return made.tenant, told


def _people(recipe: Recipe, words: Words, at: datetime, told: Told) -> None:
    """One login per role, and more CSMs to share the accounts."""
    first, *others = words.csms
    named: Sequence[tuple[str, str, str]] = (
        (Role.MANAGER, "manager", words.manager),
        (Role.CSM, "csm", first),
        (Role.CONTRIBUTOR, "contributor", words.contributor),
        (Role.VIEWER, "viewer", words.viewer),
        *((Role.CSM, f"csm{i + 2}", name) for i, name in enumerate(others)),
    )
    for role, local, name in named:
        password = secrets.token_urlsafe(9)
        user = User.objects.create_user(f"{local}@{recipe.slug}.example", password, name=name, language=recipe.language)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        member_add(user=user, role=role, at=at)
        if not local[-1].isdigit():
            told.logins.append(_login(role, user.email, password))


def _login(role: str, email: str, password: str) -> dict[str, str]:
    return {"role": str(role), "email": email, "password": password}
