"""The people of an account as the page shows them: the stakeholder map, its gaps, and who uses the product."""

from dataclasses import dataclass
from datetime import date

from accounts.models import Account, Contact, Conviction
from accounts.selectors import contact_list, conviction_history, last_touches
from accounts.stakeholders import Gap, Node, Person, gaps, tree
from operations.days import local_date
from usage.people import SeenUser, concentration_facts, last_uses, users_seen


@dataclass(frozen=True)
class Stakeholder:
    """A contact with what is known of them as of the day: the latest convictions, last touch and last use."""

    contact: Contact
    person: Person
    convictions: list[Conviction]
    last_touch: date | None
    last_use: date | None
    users: list[SeenUser]


@dataclass(frozen=True)
class Branch:
    """A stakeholder with those who report to them."""

    one: Stakeholder
    below: list["Branch"]


@dataclass(frozen=True)
class People:
    """All of it. `top_share` and `concentration` are None where nobody was active."""

    stakeholders: list[Stakeholder]
    branches: list[Branch]
    gaps: list[Gap]
    users: list[SeenUser]
    top_share: float | None
    concentration: float | None


def people_get(*, account: Account, day: date, today: date) -> People:
    """The people of an account: touches up to `today`, use up to `day`, the shown one."""
    contacts = contact_list(account=account)
    history = conviction_history(account=account)
    touched = last_touches(account=account, as_of=today)
    users = users_seen(account=account, day=day)
    used = last_uses(users)
    zone = account.tenant.timezone
    found = [
        _stakeholder(one, history.get(one.pk, []), touched.get(one.pk), used.get(one.pk), users, day, today, zone)
        for one in contacts
    ]
    held = {one.contact.pk: one for one in found}
    facts = concentration_facts(day, [account.pk])
    persons = [one.person for one in found]
    return People(
        stakeholders=found,
        branches=[_branch(node, held) for node in tree(persons)],
        gaps=gaps(persons),
        users=users,
        top_share=facts["top_user_share"].get(account.pk),
        concentration=facts["user_concentration"].get(account.pk),
    )


def _stakeholder(
    contact: Contact,
    history: list[Conviction],
    touched: date | None,
    used: date | None,
    users: list[SeenUser],
    day: date,
    today: date,
    zone: str,
) -> Stakeholder:
    latest: dict[str, Conviction] = {}
    for one in history:
        latest.setdefault(one.about, one)
    mine = [user for user in users if user.contact_id == contact.pk]
    person = Person(
        pk=contact.pk,
        name=contact.name,
        roles=tuple(contact.roles),
        reports_to=contact.reports_to_id,
        champion=contact.champion,
        left=contact.left_on is not None and contact.left_on <= today,
        known_days=(today - local_date(zone, contact.created_at)).days,
        touch_days=(today - touched).days if touched else None,
        use_days=(day - used).days if used else None,
        linked=bool(mine),
        convictions={about: one.state for about, one in latest.items()},
    )
    return Stakeholder(contact, person, list(latest.values()), touched, used, mine)


def _branch(node: Node, held: dict[int, Stakeholder]) -> Branch:
    return Branch(held[node.person.pk], [_branch(one, held) for one in node.below])
