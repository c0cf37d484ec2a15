"""What of customers' persons this room's tables hold, and how a person is found in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import models as own
from accounts.models import Contact, SearchToken, Touch, TouchMail
from accounts.services.finding import search_fill
from operations.models import File, FileBody
from tenants.personal import Choice, Identity, Person, declare, register_choices, register_finder
from tenants.personal.words import ERASED

CONTACT = Contact._meta.label
MOST_FILES = 200


def contacts_find(person: Person) -> None:
    """The contacts that an address or an external id names, or that another room has linked."""
    wanted = Q(pk__in=person.rows[CONTACT]) | Q(external_id__in=person.contact_ids)
    for mail in person.mails:
        wanted |= Q(email__iexact=mail)
    for contact in Contact.objects.filter(wanted).select_related("account").order_by("id"):
        detail = " · ".join(text for text in (contact.email, contact.external_id, contact.title) if text)
        account = contact.account
        shown = Identity(f"contact:{contact.pk}", _("Contact"), contact.name, detail, account.name)
        if person.add(shown, CONTACT, contact.pk):
            person.names.add(contact.name)
            person.accounts.add(account.pk)
            person.places.add((account.external_id, account.name, contact.name))
            person.mails |= {contact.email.casefold()} - {""}
            person.contact_ids |= {contact.external_id or ""} - {""}
            person.phones |= {contact.phone} - {""}
    _longer_find(person)


def _longer_find(person: Person) -> None:
    """Colleagues at the same accounts whose names begin, end or go on like the person's."""
    others = Contact.objects.filter(account__in=person.accounts).exclude(pk__in=person.rows[CONTACT])
    own = [name.casefold() for name in person.names if name]
    person.longer.clear()
    for name in others.values_list("name", flat=True):
        if any(one in name.casefold() and one != name.casefold() for one in own):
            person.longer.add(name)


def _of_contact(person: Person) -> Q:
    return Q(contact__in=person.rows[CONTACT])


def _mails_of(person: Person) -> Q:
    """Messages that the person wrote."""
    wanted = Q(pk__in=[])
    for mail in person.mails:
        wanted |= Q(sender__iexact=mail)
    return wanted


def _mails_erase(rows: "QuerySet[Any]", _person: Person) -> int:
    """What they wrote goes; that they wrote on that day stays, so that days silent hold."""
    touches = list(Touch.objects.filter(pk__in=rows.values("touch_id")))
    for touch in touches:
        touch.note = ERASED
    Touch.objects.bulk_update(touches, ["note"], batch_size=500)
    search_fill(touches=touches)
    return int(rows.update(sender="", subject="", quoted="", attachments=[]))


def _contacts_near(person: Person) -> "QuerySet[Any]":
    return Contact.objects.filter(account__in=person.accounts).values_list("pk", flat=True)


def _tokens_of(person: Person) -> Q:
    return Q(kind=SearchToken.Kind.CONTACT, object_id__in=person.rows[CONTACT])


def touches_found_anew(pks: Sequence[int]) -> None:
    """Search finds changed notes by what they say now."""
    search_fill(touches=Touch.objects.filter(pk__in=pks))


def files_of(person: Person) -> list[Choice]:
    """The files of the accounts where the person is a contact: nobody but an admin can tell what is in them."""
    accounts = Contact.objects.filter(pk__in=person.rows[CONTACT]).values("account_id")
    found = own.AccountFile.objects.filter(account__in=accounts).select_related("file", "account").order_by("pk")
    return [
        Choice(f"file:{one.pk}", str(_("File")), one.account.name, one.file.name, kind="file")
        for one in found[:MOST_FILES]
    ]


def files_delete(keys: Sequence[str], _at: datetime) -> int:
    """Delete the files that an admin named, with their bytes."""
    kept = own.AccountFile.objects.filter(pk__in=[int(key.partition(":")[2]) for key in keys])
    files = list(kept.values_list("file_id", flat=True))
    kept.delete()
    FileBody.objects.filter(file__in=files).delete()
    File.objects.filter(pk__in=files).delete()
    return len(files)


def declare_all() -> None:
    """Called when the app starts."""
    register_finder(contacts_find)
    register_choices("file", files_of, files_delete)
    _people()
    _texts()
    _others()


def _people() -> None:
    """Rows that are a person's; the contact itself comes first here, and so goes last."""
    at_account = "account__name"
    declare(own.Aside, none=("key",), why="names a reason and ids of ours")
    declare(own.Look)
    declare(Contact, own=("external_id", "name", "title", "roles", "reports_to", "email", "phone"),
            whose=lambda p: Q(pk__in=p.rows[CONTACT]), label=gettext_lazy("Contacts"))  # fmt: skip
    declare(SearchToken, own=("token",), whose=_tokens_of, inner=True)
    declare(own.Conviction, own=("contact",), free=("evidence",), where="contact__account__name", whose=_of_contact,
            label=gettext_lazy("Convictions"))  # fmt: skip
    declare(own.ContactValue, own=("contact",), copies=("text",), whose=_of_contact,
            near=lambda p: Q(contact__in=list(_contacts_near(p))), label=gettext_lazy("Custom fields"))  # fmt: skip
    declare(own.Pulse, free=("note",), where="account__name")
    declare(own.TouchContact, own=("contact",), whose=_of_contact, label=gettext_lazy("Took part in touches"))
    declare(own.Invitee, own=("contact",), whose=_of_contact, label=gettext_lazy("Invited to events"))
    declare(TouchMail, own=("sender",), copies=("strangers", "message_id", "subject", "quoted", "attachments"),
            where=at_account, whose=_mails_of, erase=_mails_erase,
            label=gettext_lazy("Messages they wrote"))  # fmt: skip


def _texts() -> None:
    """Texts in which somebody may be named."""
    at_account = "account__name"
    declare(Touch, free=("note",), none=("external_id",), why="an id", where=at_account, after=touches_found_anew)
    declare(own.NextStep, free=("text",), where=at_account)
    declare(own.Handover, free=("contract_text", "expectations", "question", "fit_reason"), none=("profile",),
            why="a kind of customer", where=at_account)  # fmt: skip
    of_handover = "handover__account__name"
    declare(own.Promise, free=("text",), where=of_handover)
    declare(own.Need, free=("text",), where=of_handover)
    declare(own.Learner, free=("text", "note"), where=of_handover)
    declare(own.Contract, free=("notes",), none=("external_id", "currency"), why="ids and codes", where=at_account)
    declare(own.ContractLine, free=("reason",), none=("external_id",), why="an id", where="contract__account__name")
    declare(own.Entitlement, free=("note",), where=at_account)
    declare(own.Payment, free=("note",), none=("external_id", "currency"), why="ids and codes", where=at_account)
    declare(own.AccountValue, free=("text",), where=at_account)
    declare(own.CustomerEvent, free=("name", "place"))


def _others() -> None:
    """What programs keep of other places, and what holds nobody."""
    declare(own.BulkChange, copies=("changes",))
    declare(own.AccountFieldHistory, copies=("value",), none=("field",), why="a field's name", where="account__name")
    declare(own.Account, none=("external_id", "name", "name_key", "industry", "segment", "currency", "held_fields"),
            why="a company, not a person")  # fmt: skip
    declare(own.AccountFile, why="an admin decides: see files_of")
    declare(own.Mailbox, none=("token",), why="random")
    shared: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
        (own.SavedView, ("name", "query")), (own.Segment, ("name", "definition")),
        (own.CustomField, ("key", "label", "choices")),
        (own.Tag, ("name", "name_lower")), (own.AccountTag, ()), (own.ServiceTier, ("name", "rule")),
        (own.TierDuty, ("name", "kinds", "levels")), (own.StageRule, ("name", "entry", "exit")),
        (own.StageProposal, ("because",)), (own.StageHold, ()), (own.FitSetting, ()), (own.NamedMember, ("why",)),
        (own.CsmTarget, ()),
        (own.Feature, ("key", "name")), (own.Product, ("key", "name")), (own.ProductFeature, ()),
        (own.Plan, ("key", "name")), (own.PlanFeature, ()), (own.ExchangeRate, ("currency",)),
        (own.AccountTerm, ("currency", "lacks")),
    )  # fmt: skip
    for model, columns in shared:
        declare(model, none=columns, why="what colleagues set up for many accounts, the catalogue and figures")
