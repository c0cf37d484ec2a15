"""Who may look after accounts: CSMs, managers and admins."""

from django.db.models import Q, QuerySet

from tenants.models import Member, Role

OWNERS = (Role.CSM, Role.MANAGER, Role.ADMIN)


def owners_query(held: int | None = None) -> QuerySet[Member]:
    """The active members of the tenant in scope who may look after accounts, by name; and the one who does (`held`)."""
    meant = Q(is_active=True, role__in=OWNERS) | Q(pk=held)
    return Member.objects.filter(meant).select_related("user").order_by("user__name", "id")


def owners() -> list[Member]:
    """The active members who may look after accounts, by name."""
    return list(owners_query())


def owners_ever() -> dict[int, Member]:
    """Those and the ones who left, by id."""
    return {one.pk: one for one in Member.objects.filter(role__in=OWNERS).select_related("user")}
