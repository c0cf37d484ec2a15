"""On which basis an account's past is shown: as known now, as reported then, or scored again under a version."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from health.models import Rescoring
from health.rescored_words import under
from health.selectors import card_list, rescored_of_account, rescorings_done, scores_of_account
from tenants.permissions import TenantRequest


@dataclass(frozen=True)
class Basis:
    """The basis asked for, with the scores on it. `beside`: as known now, where what is shown is hypothetical.

    `query`: what stands in an address for it; `choices`: the rescored pasts of the account, name and query.
    """

    scores: list[Any]
    beside: list[Any]
    reported: bool
    run: Rescoring | None
    name: str
    query: str
    choices: list[tuple[str, str]]


def basis_asked(request: TenantRequest, *, account: Account, start: date, end: date) -> Basis:
    """What `basis=` asks for: `reported`, `rescored` (of the card `scorecard=`, else the first one), else known now."""
    period: dict[str, Any] = {"account": account, "start": start, "end": end}
    pasts = [(run, rows) for run in rescorings_done() if (rows := rescored_of_account(run=run, **period))]
    choices = [(_name(run), _query(run)) for run, _rows in pasts]
    basis, card = request.GET.get("basis"), request.GET.get("scorecard", "")
    if basis == "rescored" and pasts:
        run, rows = next((past for past in pasts if str(past[0].scorecard_id) == card), pasts[0])
        return Basis(rows, scores_of_account(**period), False, run, _name(run), _query(run), choices)
    reported = basis == "reported"
    scores = scores_of_account(reported=reported, **period)
    return Basis(scores, [], reported, None, "", "&basis=reported" if reported else "", choices)


def _query(run: Rescoring) -> str:
    return f"&basis=rescored&scorecard={run.scorecard_id}"


def _name(run: Rescoring) -> str:
    if len(card_list()) == 1:
        return under(run)
    return _("“%(card)s”, version %(number)d") % {"card": run.scorecard.name, "number": run.version.number}
