"""What the commands about one person share."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from tenants.models import Tenant
from tenants.personal import Choice, Found, keys_unknown, person_find


def add_person_arguments(parser: ArgumentParser) -> None:
    """Which tenant, and one or more things that the person is called by."""
    parser.add_argument("slug")
    parser.add_argument("--mail", default="", help="e-mail address")
    parser.add_argument("--contact", default="", help="external id of a contact")
    parser.add_argument("--user", default="", help="user id in events")
    parser.add_argument("--not", dest="left_out", action="append", default=[], metavar="KEY",
                        help="an appearance that is somebody else, as it is listed (contact:12)")  # fmt: skip


def tenant_named(slug: str) -> Tenant:
    """The tenant; CommandError without one."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f"There is no tenant “{slug}”.")
    return tenant


def found_by(options: dict[str, Any]) -> Found:
    """The person, in the tenant's scope; CommandError where nothing is held."""
    named = {name: options[name] for name in ("mail", "contact", "user")}
    if not any(named.values()):
        raise CommandError("Name the person: --mail, --contact or --user.")
    found = person_find(**named, left_out=options["left_out"])
    if found.is_empty:
        raise CommandError("Nothing is held of such a person.")
    texts = [*options.get("keep", ()), *options.get("also", ())]
    if wrong := keys_unknown(found, texts=texts, things=options.get("delete", ())):
        raise CommandError(f"Nothing was found under the key {', '.join(wrong)}. Nothing was done.")
    return found


def listed(found: Found) -> list[str]:
    """What is held, as lines."""
    lines = [f"{key:>12}  {one.kind} {one.name} {one.where}" for key, one in found.person.identities.items()]
    lines += [f"{count:>12,}  {label}" for _key, label, count in found.held]
    return [*lines, *(f"{one.key}{_mark(one)}  {one.where}: {one.excerpt}" for one in found.choices)]


def _mark(one: Choice) -> str:
    """What is left alone unless it is asked for."""
    return "" if one.chosen else " ?"
