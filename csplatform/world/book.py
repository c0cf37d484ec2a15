"""The demo world's book: the people at the accounts, what convinced them, what was said to them and promised."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np

from accounts.models import (
    Account,
    Contact,
    Conviction,
    CustomerEvent,
    Invitee,
    NextStep,
    Touch,
    TouchContact,
)
from accounts.services import TWO_WAY_KINDS, search_fill
from accounts.stakeholders import CONVINCED_OF
from csplatform.world.events import AccountPlan
from csplatform.world.people import Cast
from csplatform.world.words import Words

ROLES: tuple[tuple[str, ...], ...] = (
    ("decision_maker",),
    ("project_lead", "key_person"),
    ("system_admin",),
    ("requirement_owner", "middle_manager"),
    ("user",),
    ("it",),
)
SUPERIORS = (None, 0, 1, 0, 3, 0)  # to whom of the people before each reports
INFLUENCES = ("high", "high", "medium", "medium", "low", "low")
# Which user of the product a person is; decision makers and IT use nothing.
USERS = {1: 0, 2: 1, 3: 2, 4: 3}
KINDS = ("call", "mail", "meeting", "wecom", "message", "visit", "training")
LEVELS = ("solve", "gap", "advice")
BULK = 2000


def contacts_make(
    *, cast: Cast, words: Words, last: date, at: datetime, rnd: np.random.Generator
) -> dict[int, list[Contact]]:
    """Two to six people per account with their reporting lines and convictions, by account id."""
    rows: list[Contact] = []
    for plan, account in zip(cast.plans, cast.accounts, strict=True):
        for user in range(plan.users):
            plan.known[user] = (_name(words, rnd), f"{plan.external_id}-u{user}@example.com")
        for place in range(int(rnd.integers(2, 7))):
            rows.append(_person(plan, account, place, words, last, at, rnd))
    people = Contact.objects.bulk_create(rows, batch_size=BULK)
    search_fill(contacts=people)
    made: dict[int, list[Contact]] = {}
    for contact in people:
        made.setdefault(contact.account_id, []).append(contact)
    below = []
    for there in made.values():
        for place, contact in enumerate(there):
            above = SUPERIORS[place]
            if above is not None and above < len(there):
                contact.reports_to = there[above]
                below.append(contact)
    Contact.objects.bulk_update(below, ["reports_to"], batch_size=BULK)
    _convictions(cast, made, words, last, rnd)
    return made


def _name(words: Words, rnd: np.random.Generator) -> str:
    family = words.people[int(rnd.integers(len(words.people)))]
    given = words.given[int(rnd.integers(len(words.given)))]
    return family + given if not words.joiner else f"{given} {family}"


def _person(
    plan: AccountPlan, account: Account, place: int, words: Words, last: date, at: datetime, rnd: np.random.Generator
) -> Contact:
    name = _name(words, rnd)
    mail = f"{plan.external_id}-{place + 1}@example.com"
    champion, left = place == 1, None
    if champion and plan.story.champion_leaves is not None:
        left = last - timedelta(days=plan.story.champion_leaves)
    if place in USERS and USERS[place] < plan.users:
        plan.known[USERS[place]] = (name, mail)
    return Contact(
        account=account,
        external_id=f"{plan.external_id}-p{place + 1}",
        name=name,
        title=words.titles[ROLES[place][0]],
        roles=list(ROLES[place]),
        influence=INFLUENCES[place],
        champion=champion,
        email=mail,
        left_on=left,
        created_at=_stamp(account.contract_start) if account.contract_start else at,
    )


def _stamp(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def _convictions(
    cast: Cast, made: dict[int, list[Contact]], words: Words, last: date, rnd: np.random.Generator
) -> None:
    """Doubt first, conviction later; where the story is bad, doubt again or refusal. Some people were never asked."""
    rows: list[Conviction] = []
    for plan, account in zip(cast.plans, cast.accounts, strict=True):
        bad = plan.story.silent_from is not None or plan.story.key in ("fading", "feed broke")
        for place, contact in enumerate(made[account.pk]):
            if place and rnd.random() < 0.3:
                continue
            about = CONVINCED_OF[contact.roles[0]][0]
            ago = int(rnd.integers(200, 360))
            states = ["not_yet"]
            states += ["convinced"] if rnd.random() < 0.75 else []
            states += ["against" if rnd.random() < 0.3 else "not_yet"] if bad and place == 0 else []
            for state in states:
                on = max(last - timedelta(days=ago), account.contract_start or last)
                evidence = str(rnd.choice(words.evidence[state]))
                rows.append(
                    Conviction(
                        contact=contact,
                        about=about,
                        state=state,
                        on=on,
                        evidence=evidence,
                        author_id=account.csm_id,
                        created_at=_stamp(on),
                    )
                )
                ago = max(ago - int(rnd.integers(60, 120)), 1)
    Conviction.objects.bulk_create(rows, batch_size=BULK)


@dataclass
class _Book:
    """Touches as they gather, with who was there and what was promised, in the same order."""

    touches: list[Touch] = field(default_factory=list)
    people: list[list[Contact]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)


def touches_make(
    *, cast: Cast, contacts: dict[int, list[Contact]], words: Words, last: date, rnd: np.random.Generator
) -> None:
    """Touches every two to five weeks with their worth, until the story falls silent; then only unanswered mails.

    What the latest ones promised is still open.
    """
    book = _Book()
    for plan, account in zip(cast.plans, cast.accounts, strict=True):
        ago = int(rnd.integers(1, 24))
        while ago < 380 and account.contract_start and last - timedelta(days=ago) > account.contract_start:
            _touch(book, plan, account, contacts[account.pk], last - timedelta(days=ago), ago, words, rnd)
            ago += int(rnd.integers(12, 38))
    made = Touch.objects.bulk_create(book.touches, batch_size=BULK)
    links = [TouchContact(touch=t, contact=c) for t, there in zip(made, book.people, strict=True) for c in there]
    TouchContact.objects.bulk_create(links, batch_size=BULK)
    search_fill(touches=made)
    steps = [
        _step(touch, text, last, rnd)
        for touch, text in zip(made, book.steps, strict=True)
        if text and (last - touch.on).days < 120
    ]
    NextStep.objects.bulk_create(steps, batch_size=BULK)


def _touch(
    book: _Book,
    plan: AccountPlan,
    account: Account,
    there: list[Contact],
    on: date,
    ago: int,
    words: Words,
    rnd: np.random.Generator,
) -> None:
    kind = str(rnd.choice(KINDS, p=[0.24, 0.16, 0.2, 0.2, 0.08, 0.08, 0.04]))
    answered = bool(rnd.random() < 0.94)
    silent = plan.story.silent_from is not None and ago < plan.story.silent_from
    if silent:
        kind, answered = "mail", False
    level = str(rnd.choice(LEVELS, p=[0.5, 0.3, 0.2]))
    said = words.said[level]
    note, step = said[int(rnd.integers(len(said)))]
    book.touches.append(
        Touch(
            account=account,
            kind=kind,
            on=on,
            note=note,
            level=level if rnd.random() < 0.9 else "",
            two_way=kind in TWO_WAY_KINDS or answered,
            author_id=account.csm_id,
            created_at=_stamp(on),
        )
    )
    gone = plan.story.decision_maker_gone and ago < (plan.story.silent_from or 0)
    someone = 1 if gone or (len(there) > 1 and rnd.random() < 0.5) else int(rnd.integers(len(there)))
    left = there[someone].left_on
    book.people.append([there[0 if left and left <= on else someone]])
    book.steps.append("" if silent else step)


def _step(touch: Touch, text: str, last: date, rnd: np.random.Generator) -> NextStep:
    due = touch.on + timedelta(days=int(rnd.integers(5, 30)))
    kept = due <= last and rnd.random() < 0.9
    return NextStep(
        account_id=touch.account_id,
        touch=touch,
        text=text,
        due_on=due,
        owner_id=touch.author_id,
        done_at=_stamp(due) if kept else None,
        done_by_id=touch.author_id if kept else None,
        created_at=touch.created_at,
    )


def events_make(*, cast: Cast, contacts: dict[int, list[Contact]], words: Words, last: date) -> None:
    """A salon and a course: of every fifth account two people are invited, and most come."""
    for kind, name, place, ago in words.events:
        on = last - timedelta(days=ago)
        hosts = [account for account in cast.accounts[ago % 5 :: 5] if (account.contract_start or last) < on]
        event = CustomerEvent.objects.create(
            kind=kind, name=name, place=place, on=on, host_id=cast.accounts[0].csm_id, created_at=_stamp(on)
        )
        asked = [person for account in hosts for person in contacts[account.pk][:2] if person.left_on is None]
        came = [person for number, person in enumerate(asked) if number % 4]
        touches = Touch.objects.bulk_create([_attendance(event, person) for person in came], batch_size=BULK)
        pairs = list(zip(came, touches, strict=True))
        TouchContact.objects.bulk_create([TouchContact(touch=t, contact=c) for c, t in pairs], batch_size=BULK)
        held = {person.pk: touch for person, touch in pairs}
        Invitee.objects.bulk_create(
            [Invitee(event=event, contact=person, touch=held.get(person.pk)) for person in asked], batch_size=BULK
        )
        search_fill(touches=touches)


def _attendance(event: CustomerEvent, person: Contact) -> Touch:
    return Touch(
        account_id=person.account_id,
        kind=Touch.Kind.EVENT,
        on=event.on,
        note=event.name,
        level=event.level,
        two_way=False,
        author_id=event.host_id,
        event=event,
        created_at=_stamp(event.on),
    )
