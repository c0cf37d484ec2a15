"""What a segment, a column or an edited cell may name: the account's own fields, tags, facts and custom fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from accounts.facts import known_facts
from accounts.models import CustomField, Driver, LifecycleStage, Purpose, ServiceTier, Tag
from accounts.owners import OWNERS
from accounts.segments.definition import Field
from accounts.selectors.fields import field_list, tag_list
from accounts.selectors.tiers import tier_list
from tenants.models import Member

KINDS = {"text": "text", "link": "text", "number": "number", "money": "number", "date": "date", "pick": "word",
         "person": "word"}  # fmt: skip
OWN = (
    Field("name", _("Account"), "text", column="a.name"),
    Field("external_id", _("External id"), "text", column="a.external_id"),
    Field("industry", _("Industry"), "text", column="a.industry"),
    Field("segment", _("Segment (field)"), "text", column="a.segment"),
    Field(
        "lifecycle_stage", _("Stage"), "word", column="a.lifecycle_stage", choices=tuple(LifecycleStage.choices),
        history="lifecycle_stage",
    ),
    Field("purpose", _("Takes it for"), "word", column="NULLIF(a.purpose, '')", choices=tuple(Purpose.choices)),
    Field("driver", _("Driven by"), "word", column="NULLIF(a.driver, '')", choices=tuple(Driver.choices)),
    Field("arr", _("ARR"), "number", "money", column="a.arr", history="arr", term="arr"),
    Field("currency", _("Currency"), "text", column="a.currency"),
    Field("seats", _("Seats (field)"), "number", "count", column="a.seats"),
    Field("contract_start", _("Contract start"), "date", column="a.contract_start"),
    Field("renewal_date", _("Renewal date"), "date", column="a.renewal_date"),
)  # fmt: skip
_VALUES = (
    "SELECT account_id, {column} AS value FROM accounts_accountvalue WHERE tenant_id = %(tenant)s AND field_id = {pk}"
)
_TAGS = "SELECT account_id, tag_id::text AS value FROM accounts_accounttag WHERE tenant_id = %(tenant)s"


def people_list() -> list[Member]:
    """Everybody of the tenant, those who left too: fields and history may name them."""
    return list(Member.objects.select_related("user").order_by("user__name", "id"))


def csm_field(people: Sequence[Member]) -> Field:
    """Who looks after the account."""
    owners = tuple((str(one.pk), str(one)) for one in people if one.role in OWNERS)
    return Field("csm", _("CSM"), "word", "person", column="a.csm_id::text", choices=owners, history="csm")


def own_fields(people: Sequence[Member]) -> list[Field]:
    """The account's own fields, CSM among them."""
    return [*OWN[:4], csm_field(people), *OWN[4:]]


def fact_fields() -> list[Field]:
    """The registered facts that lists may ask for."""
    return [
        Field(
            fact.key, fact.label, "word" if fact.choices else "number", fact.unit, fact.room, fact.choices,
            sql=fact.sql, sql_reported=fact.sql_reported, definition=fact.definition,
        )
        for fact in known_facts().values()
        if fact.sql
    ]  # fmt: skip


def custom_field(field: CustomField, people: Sequence[Member] = ()) -> Field:
    """A custom field as one."""
    choices = tuple((choice, choice) for choice in field.choices)
    if field.kind == CustomField.Kind.PERSON:
        choices = tuple((str(one.pk), str(one)) for one in people)
    column = f"{field.column}::text" if field.kind == CustomField.Kind.PERSON else field.column
    return Field(
        field.name, field.label, KINDS[field.kind], field.kind, choices=choices,
        sql=_VALUES.format(column=column, pk=int(field.pk)),
        history=field.name if KINDS[field.kind] == "number" else "",
    )  # fmt: skip


def tag_field(tags: Sequence[Tag]) -> Field:
    """The tags as one field of many words."""
    return Field("tags", _("Tags"), "word", "tag", choices=tuple((str(tag.pk), tag.name) for tag in tags), sql=_TAGS)


def tier_field(tiers: Sequence[ServiceTier]) -> Field:
    """The service tier."""
    choices = tuple((str(tier.pk), tier.name) for tier in tiers)
    return Field("tier", _("Service tier"), "word", column="a.tier_id::text", choices=choices, history="tier")


class Catalogue(Mapping[str, Field]):
    """Every field of the tenant in scope by its key. What needs a query is read when it is first asked for: a
    definition names few fields, and lists of people or tags may be long.
    """

    def __getitem__(self, key: str) -> Field:
        """The field of a key; raises KeyError."""
        if key.startswith("c."):
            return custom_field(self._custom[key], self._people_of(self._custom[key]))
        return self._plain[key] if key in self._plain else self._listed(key)

    def __iter__(self) -> Iterator[str]:
        """The account's own fields first, then custom ones, then facts."""
        own = {field.key for field in OWN}
        yield from (*(field.key for field in own_fields(())), "tier", "tags", *self._custom)
        yield from (key for key in self._plain if key not in own)

    def __len__(self) -> int:
        """How many there are."""
        return len(list(iter(self)))

    def _listed(self, key: str) -> Field:
        """A field whose choices are rows of the tenant's."""
        if key not in self._held:
            made: dict[str, Callable[[], Field]] = {
                "csm": lambda: csm_field(self._people),
                "tier": lambda: tier_field(tier_list()),
                "tags": lambda: tag_field(tag_list()),
            }
            self._held[key] = made[key]()
        return self._held[key]

    def _people_of(self, field: CustomField) -> Sequence[Member]:
        return self._people if field.kind == CustomField.Kind.PERSON else ()

    @cached_property
    def _held(self) -> dict[str, Field]:
        return {}

    @cached_property
    def _plain(self) -> dict[str, Field]:
        return {field.key: field for field in (*OWN, *fact_fields())}

    @cached_property
    def _custom(self) -> dict[str, CustomField]:
        return {field.name: field for field in field_list()}

    @cached_property
    def _people(self) -> list[Member]:
        return people_list()


def catalogue() -> Catalogue:
    """The fields of the tenant in scope: at most four queries, none that is not needed."""
    return Catalogue()
