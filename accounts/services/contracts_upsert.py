"""Contracts from other systems: many at once, by their own ids, all or none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Contract, ContractLine, Plan, Product
from accounts.services.accounts import ARCHIVED
from accounts.services.contracts import CONTRACT_FIELDS, ENTITLING, changed_fields, line_apply
from accounts.services.terms import terms_refill
from accounts.signals import terms_changed
from common.locks import ACCOUNT_IDS, CONTRACT_IDS, transaction_lock
from common.plausible import EARLIEST, faults_of
from operations.days import local_date
from tenants.models import Member, Tenant
from tenants.services import audit_add

Row = Mapping[str, Any]
Faults = dict[str, Any]
MOST_NAMED = 20


class RefusedRows(ValidationError):  # noqa: N818 - named by what it found, as EditConflict is
    """Some rows were refused and nothing was changed; `faults` holds one dict of reasons per row, empty where fine."""

    def __init__(self, faults: Sequence[Faults]) -> None:
        super().__init__(_("Some values were refused; nothing was changed."))
        self.faults = list(faults)


@dataclass
class Done:
    """What became of the rows: "created", "changed" or "unchanged" with its contract, and products made on the way."""

    results: list[tuple[str, Contract]] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)


@dataclass
class _Book:
    """What is held of everything that rows name."""

    accounts: dict[str, Account]
    contracts: dict[str, Contract]
    lines: dict[int, dict[str, ContractLine]]
    products: dict[str, Product]
    plans: dict[tuple[int, str], Plan]
    firsts: dict[int, date] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)


def contracts_upsert(
    *,
    tenant: Tenant,
    rows: Sequence[Row],
    at: datetime,
    by: Member | None,
    label: str = "",
    replace_lines: bool = False,
) -> Done:
    """Create or change contracts and their lines by external id; twice is the same as once.

    Each row: `external_id`, `account_external_id`, and of `currency`, `notes`, `lines` what is to be set; each line:
    `external_id` and of its fields what is to be set, `product` and `plan` by key. A product that is new is made.
    Lines that a row does not name stay, unless `replace_lines`. Raises RefusedRows, and changes nothing.
    """
    transaction_lock(ACCOUNT_IDS, tenant.pk)
    transaction_lock(CONTRACT_IDS, tenant.pk)
    book = _book(rows)
    if any(faults := [_faults(row, book, first) for row, first in zip(rows, _firsts(rows), strict=True)]):
        raise RefusedRows(faults)
    with transaction.atomic():
        done = Done(products=_products_make(rows, book, at, by, label))
        applied = [_row_apply(row, book, at, replace_lines, tenant.currency) for row in rows]
        if any(fault for fault, _result in applied):
            raise RefusedRows([fault for fault, _result in applied])
    for what, contract, changes in (result for _fault, result in applied if result):
        done.results.append((what, contract))
        if what != "unchanged":
            action = "create" if what == "created" else "change"
            audit_add(actor=by, action=action, target=contract, at=at, changes=changes, label=label or None)
    today = local_date(tenant.timezone, at)
    terms_refill(tenant=tenant, today=today, account_ids=sorted(book.touched))
    if book.firsts:
        terms_changed.send(sender=Account, firsts=book.firsts)
    return done


def _firsts(rows: Sequence[Row]) -> Iterator[int]:
    """For each row the number of the first row with its id."""
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        yield seen.setdefault(row["external_id"], number) - number


def _book(rows: Sequence[Row]) -> _Book:
    ids = [row["external_id"] for row in rows]
    owners = [row["account_external_id"] for row in rows]
    contracts = {c.external_id: c for c in Contract.objects.filter(external_id__in=ids).select_related("account")}
    lines: dict[int, dict[str, ContractLine]] = {}
    for line in ContractLine.objects.filter(contract__in=contracts.values()).select_related("product", "plan"):
        lines.setdefault(line.contract_id, {})[line.external_id] = line
    return _Book(
        accounts={account.external_id: account for account in Account.objects.filter(external_id__in=owners)},
        contracts=contracts,
        lines=lines,
        products={product.key: product for product in Product.objects.all()},
        plans={(plan.product_id, plan.key): plan for plan in Plan.objects.select_related("product")},
    )


def _faults(row: Row, book: _Book, first: int) -> Faults:
    """Why a row is refused before anything of it is tried."""
    faults: Faults = {**faults_of(row, {}, EARLIEST)}  # no days stand in it
    if first:
        faults["external_id"] = [_("This id stands in the list already; send each contract once.")]
    account = book.accounts.get(row["account_external_id"])
    if account is None:
        said = _(
            "No account has the external id “%(id)s”. Create the account first, or send the id of one that exists."
        )
        faults["account_external_id"] = [said % {"id": row["account_external_id"]}]
    elif account.archived_at is not None:
        faults["account_external_id"] = [str(ARCHIVED)]
    held = book.contracts.get(row["external_id"])
    if held is not None and account is not None and held.account_id != account.pk:
        said = _("This contract belongs to the account “%(id)s”; a contract stays with its account.")
        faults["account_external_id"] = [said % {"id": held.account.external_id}]
    lines = [_line_faults(line, book, row.get("lines", [])) for line in row.get("lines", [])]
    return {**faults, "lines": lines} if any(lines) else faults


def _line_faults(line: Row, book: _Book, beside: Sequence[Row]) -> Faults:
    faults: Faults = {}
    if sum(1 for other in beside if other["external_id"] == line["external_id"]) > 1:
        faults["external_id"] = [_("Two lines of this contract have this id; send each line once.")]
    product = book.products.get(line.get("product", ""))
    key = line.get("plan")
    if key and "product" in line and (product is None or (product.pk, key) not in book.plans):
        known = [plan.key for (pk, _key), plan in book.plans.items() if product is not None and pk == product.pk]
        said = _("The product “%(product)s” has no plan “%(plan)s”. Known are: %(known)s.")
        told = ", ".join(known[:MOST_NAMED]) or _("none")
        faults["plan"] = [said % {"product": line["product"], "plan": key, "known": told}]
    return faults


def _products_make(rows: Sequence[Row], book: _Book, at: datetime, by: Member | None, label: str) -> list[Product]:
    """The products that rows name and nobody has made yet; they carry their key as name until somebody names them."""
    keys = dict.fromkeys(line["product"] for row in rows for line in row.get("lines", []) if "product" in line)
    made = [Product.objects.create(key=key, name=key, created_at=at) for key in keys if key not in book.products]
    for product in made:
        audit_add(actor=by, action="create", target=product, at=at, label=label or None)
    book.products |= {product.key: product for product in made}
    return made


Result = tuple[str, Contract, dict[str, Any]]


def _row_apply(row: Row, book: _Book, at: datetime, replace: bool, currency: str) -> tuple[Faults, Result | None]:
    account = book.accounts[row["account_external_id"]]
    contract = book.contracts.get(row["external_id"])
    creating = contract is None
    contract = contract or Contract(account=account, currency=currency, created_at=at)
    changes = changed_fields(contract, row, CONTRACT_FIELDS)
    if creating or changes:
        contract.version += 0 if creating else 1
        contract.save()
    held = book.lines.setdefault(contract.pk, {})
    faults, moved = _lines_apply(row.get("lines", []), contract, held, book, at)
    gone = [line for key, line in held.items() if key not in {one["external_id"] for one in row.get("lines", [])}]
    if replace and "lines" in row and gone:
        _lines_drop(gone, account, book)
        moved["lines"] = [[line.external_id for line in gone], None]
    if any(faults):
        return {"lines": faults}, None
    if creating or moved or "currency" in changes:
        book.touched.add(account.pk)
    what = "created" if creating else "changed" if changes or moved else "unchanged"
    return {}, (what, contract, {"account": [None, account.name], **changes, **moved})


def _lines_drop(gone: Sequence[ContractLine], account: Account, book: _Book) -> None:
    for line in gone:
        if line.plan_id:
            _note_first(book, account.pk, line.start)
    ContractLine.objects.filter(pk__in=[line.pk for line in gone]).delete()


def _lines_apply(
    rows: Sequence[Row], contract: Contract, held: dict[str, ContractLine], book: _Book, at: datetime
) -> tuple[list[Faults], dict[str, Any]]:
    """Write the lines; reasons per line, and what changed by `line: field`."""
    faults: list[Faults] = []
    moved: dict[str, Any] = {}
    for row in rows:
        line = held.get(row["external_id"]) or ContractLine(contract=contract)
        before = line.start if line.pk else None
        try:
            changes = line_apply(line, _values(row, line, book), at)
        except ValidationError as fault:
            faults.append({name: list(said) for name, said in fault.message_dict.items()})
            continue
        faults.append({})
        if changes:
            line.version += 1 if line.pk else 0
            line.save()
            moved[row["external_id"]] = [None, ", ".join(f"{name} {new}" for name, (_old, new) in changes.items())]
            if ENTITLING & set(changes) and (line.plan_id or "plan" in changes):
                _note_first(book, contract.account_id, min(day for day in (before, line.start) if day))
    return faults, moved


def _values(row: Row, line: ContractLine, book: _Book) -> dict[str, Any]:
    """A row with the rows that it names. What a new line needs is said here: others may leave out what they hold."""
    values = dict(row)
    if "product" in row:
        values["product"] = book.products[row["product"]]
    if "plan" in row:
        product_id = values["product"].pk if "product" in row else line.product_id
        values["plan"] = book.plans.get((product_id, row["plan"] or ""))
    missing = [name for name in ("product", "amount", "start") if values.get(name) is None]
    if missing and line._state.adding:
        raise ValidationError({name: _("Needed for a line that is new.") for name in missing})
    return values


def _note_first(book: _Book, account_id: int, day: date) -> None:
    book.firsts[account_id] = min(book.firsts.get(account_id, day), day)
