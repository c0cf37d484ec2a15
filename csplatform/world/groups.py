"""Accounts of the demo world that belong to others: two groups, one of them two levels deep."""

from accounts.models import Account
from csplatform.world.people import Cast

SIZES = (4, 3)  # how many belong to the top of each group


def groups_make(*, cast: Cast) -> None:
    """The largest accounts lead the groups; those next to them in the book belong to them. A small world has one."""
    by_arr = sorted(cast.accounts, key=lambda account: (-(account.arr or 0), account.pk))
    tops, rest = by_arr[: len(SIZES)], sorted(by_arr[len(SIZES) :], key=lambda account: account.pk)
    for top, size in zip(tops, SIZES, strict=False):
        children, rest = rest[:size], rest[size:]
        for place, child in enumerate(children):
            parent = children[0] if place == size - 1 and size > 3 else top
            Account.objects.filter(pk=child.pk).update(parent=parent)
