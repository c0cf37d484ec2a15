"""The segment that a report is narrowed to: `?segment=` in its address, one picker on every report."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from accounts.models import Account, Segment
from accounts.segments.definition import DefinitionFault
from accounts.segments.words import fault_text
from accounts.selectors.segments import segment_account_ids, segment_list
from operations.days import local_date
from operations.selectors import day_of_request
from tenants.permissions import TenantRequest


@dataclass(frozen=True)
class SegmentChoice:
    """What was asked for and what there is. `ids`: the accounts in the segment as of the day that pages show, None
    for all; none of them where the segment cannot be read, and `fault` says why.
    """

    segments: list[Segment]
    segment: Segment | None = None
    ids: list[int] | None = None
    fault: str = ""
    others: list[tuple[str, Any]] = field(default_factory=list)

    def narrowed(self, accounts: QuerySet[Account]) -> QuerySet[Account]:
        """Those of the accounts that are in the segment."""
        return accounts if self.ids is None else accounts.filter(pk__in=self.ids)

    @property
    def query(self) -> str:
        """The segment as it goes on in links: "&segment=7", or nothing."""
        return "&" + urlencode({"segment": self.segment.pk}) if self.segment else ""


def segment_choice(request: TenantRequest) -> SegmentChoice:
    """The segment in the address. The rest of the query is kept beside it (`others`)."""
    held, text = segment_list(), request.GET.get("segment", "")
    others: list[tuple[str, Any]] = [
        (name, value) for name, value in request.GET.items() if name not in ("segment", "page")
    ]
    if not text:
        return SegmentChoice(held, others=others)
    chosen = next((one for one in held if str(one.pk) == text), None)
    if chosen is None:
        gone = _("The segment in the address does not exist (any more).")
        return SegmentChoice(held, ids=[], fault=gone, others=others)
    shown, zone = day_of_request(request, request.tenant), request.tenant.timezone
    day = shown.day if shown else local_date(zone, now())
    try:
        return SegmentChoice(held, chosen, segment_account_ids(segment=chosen, day=day, zone=zone), others=others)
    except DefinitionFault as fault:
        return SegmentChoice(held, chosen, [], fault_text(fault), others)
