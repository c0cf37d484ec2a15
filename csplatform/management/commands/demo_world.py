"""`manage.py demo_world`: the demo tenants, or larger ones for benchmarks."""

import json
import os
import secrets
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from django.utils.timezone import now

from common.progress import bar
from csplatform.world.build import DEMO, HISTORY_DAYS, Recipe, tenant_build
from tenants.models import Member, Tenant, User
from tenants.scope import tenant_scope

STAFF = "platform@demo.example"


class Command(BaseCommand):
    """Builds the demo world once; with `--accounts`, one more tenant of the asked size."""

    help = "Create the demo tenants (once), or with --accounts and --events one larger tenant for benchmarks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Size and seed."""
        parser.add_argument("--accounts", type=int)
        parser.add_argument("--events", type=int)
        parser.add_argument("--days", type=int, default=HISTORY_DAYS)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--slug", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build what is missing and write what one needs to get in to `demo.json`."""
        recipes: tuple[Recipe, ...] = DEMO
        if options["accounts"]:
            slug = options["slug"] or f"world-{options['accounts']}"
            events = options["events"] or 1400 * options["accounts"]
            recipes = (
                Recipe(slug, slug, "en", "Europe/Berlin", 1, "EUR", options["accounts"], events, options["days"]),
            )
        self._readdress()
        complete = {tenant["slug"] for tenant in self._held()["tenants"]}
        missing = [recipe for recipe in recipes if recipe.slug not in complete]
        for recipe in missing:
            _set_aside(recipe.slug)
        connections.close_all()
        with ProcessPoolExecutor(max_workers=2, mp_context=get_context("fork")) as workers:
            built = [workers.submit(_build, recipe, options["seed"], line) for line, recipe in enumerate(missing)]
            for work in as_completed(built):
                self._write(work.result())

    @staticmethod
    def _path() -> Path:
        return Path(settings.HOME) / "demo.json"

    def _held(self) -> dict[str, Any]:
        """What earlier builds have told."""
        path = self._path()
        held: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"tenants": []}
        return held

    def _write(self, told: dict[str, Any]) -> None:
        """Add a tenant that is complete: one that fails beside it must not take these logins along."""
        held = self._held()
        if "platform" not in held:  # a new password would make the one written before useless
            held["platform"] = _staff()
        held["tenants"] = sorted([*held["tenants"], told], key=lambda tenant: str(tenant["slug"]))
        self._keep(held)

    def _readdress(self) -> None:
        """A demo that was started on another port says so."""
        held = self._held()
        if held.get("url", settings.SITE_URL) != settings.SITE_URL:
            self._keep(held)

    def _keep(self, held: dict[str, Any]) -> None:
        held["url"] = settings.SITE_URL
        for tenant in held["tenants"]:
            tenant["url"] = f"{settings.SITE_URL}/t/{tenant['slug']}/"
        handle = os.open(self._path(), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(held, file, ensure_ascii=False, indent=2)


def _set_aside(slug: str) -> None:
    """A build that was killed left a tenant without logins: free its address and its people's for the next build."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        return
    with tenant_scope(tenant):
        for user in User.objects.filter(pk__in=list(Member.objects.values_list("user_id", flat=True))):
            EmailAddress.objects.filter(user=user).delete()
            user.email, user.is_active = f"aside-{tenant.pk}-{user.email}", False
            user.save()
    tenant.slug, tenant.is_active = f"{slug}-aside-{tenant.pk}", False
    tenant.save()


def _build(recipe: Recipe, seed: int, line: int) -> dict[str, Any]:
    """Make one tenant in a process of its own: tenants share nothing, and two cores halve the wait."""
    with bar(line) as progress:
        return asdict(tenant_build(recipe=recipe, seed=seed, at=now(), progress=progress))


def _staff() -> dict[str, str]:
    """A person of the platform's staff, who may create tenants."""
    password = secrets.token_urlsafe(9)
    user = User.objects.filter(email=STAFF).first() or User(email=STAFF, name="Platform", is_platform_staff=True)
    user.set_password(password)
    user.save()
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return {"email": STAFF, "password": password}
