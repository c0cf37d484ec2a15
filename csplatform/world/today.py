"""What happened in the last two days, so that Today has something to say of them: everybody last looked before that."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import Account, Contact, ContractLine, Look
from accounts.services import accounts_assign, contact_save, line_save, touch_log
from csplatform.world.people import Cast
from tenants.models import Member, Role

LOOKED = timedelta(days=2, hours=3)


@dataclass(frozen=True)
class Spoken:
    """What is said in a tenant's language: notes of colleagues, and a person who is new."""

    notes: tuple[str, ...]
    person: str
    title: str


WORDS = {
    "en": Spoken(
        (
            "Met their finance lead at the fair: the budget for next year is not decided yet.",
            "Called about the open invoice. They ask for the usage report before they pay.",
            "The escalation about slow exports is settled; they thanked us in writing.",
        ),
        "Ines Falk",
        "Head of operations",
    ),
    "zh-hans": Spoken(
        (
            "在行业展会上见到客户财务负责人：明年预算还没有定。",
            "电话沟通未付款项，对方希望先看使用报告再付款。",
            "导出慢的投诉已经解决，客户书面表示感谢。",
        ),
        "苏婉清",
        "运营负责人",
    ),
}


def today_make(*, cast: Cast, language: str, last: date, at: datetime) -> None:
    """Touches by the manager, accounts that changed hands, a new contact, one who left, and a renewal that moved."""
    words, then = WORDS[language], at - timedelta(hours=20)
    members = list(Member.objects.order_by("id"))
    first = next(member for member in members if member.role == Role.CSM)
    manager = next(member for member in members if member.role == Role.MANAGER)
    theirs = [account for account in cast.accounts if account.csm_id == first.pk]
    others = [account for account in cast.accounts if account.csm_id not in (None, first.pk)]
    for place, note in enumerate(words.notes):
        for account in theirs[place + 1 : place + 2]:
            touch_log(account=account, by=manager, kind="call", on=last, note=note, at=then + timedelta(hours=place))
    accounts_assign(accounts=[_fresh(account) for account in others[-2:]], csm=first, at=then, by=manager)
    for account in theirs[3:4]:
        values = {"name": words.person, "title": words.title, "roles": ["requirement_owner"]}
        contact_save(account=_fresh(account), values=values, at=then, by=manager)
    gone = Contact.objects.filter(account__in=theirs[4:12], champion=True, left_on=None).order_by("id").first()
    if gone is not None:
        contact_save(account=gone.account, contact=gone, values={"left_on": last}, at=then, by=manager)
    running = ContractLine.objects.filter(contract__account__in=theirs[5:], start__lte=last, end__gt=last, outcome="")
    line = running.exclude(contract__account__renewal_date=None).order_by("end", "id").first()
    if line is not None and line.end is not None:
        end = line.end + timedelta(days=31)
        line_save(contract=line.contract, line=line, values={"end": end}, at=then, by=manager)
    Look.objects.bulk_create([Look(member=member, at=at - LOOKED) for member in members])


def _fresh(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)
