"""The demo world's imports: one that is done, with refused rows, and one that waits for somebody to look through it."""

from datetime import datetime

from csplatform.world.people import Cast
from imports.registry import target_of
from imports.services import import_advance, import_go, import_map, import_start
from tenants.models import Member, Role, Tenant

PEOPLE = {
    "en": (
        "Company,Name,Job title,E-mail,Role\n"
        "{0},Noor Haddad,Head of purchasing,noor.haddad@example.com,Key person\n"
        "{1},Piet de Vries,Plant manager,piet.devries@example.com,Decision maker\n"
        "{2},Lena Krause,IT lead,lena.krause@example.com,IT\n"
        "Unknown Trading,Sam Park,Buyer,sam.park@example.com,User\n"
        "{0},Ada Obi,Controller,ada.obi(at)example.com,User\n"
    ),
    "zh-hans": (
        "客户名称,姓名,职位,邮箱,角色\n"
        "{0},沈佳宁,采购总监,shen.jianing@example.com,关键人\n"
        "{1},陆文博,总经理,lu.wenbo@example.com,一把手\n"
        "{2},何小雨,信息部主管,he.xiaoyu@example.com,IT\n"
        "未知贸易,周凯,采购,zhou.kai@example.com,使用者\n"
        "{0},冯岚,财务,feng.lan(at)example.com,使用者\n"
    ),
}
RENEWALS = {
    "en": (
        "Account,Stage,Customer since\n{3},After-sales,16-10-2024\n{4},Trainnig,03-02-2025\n"
        "{5},Go-live,28-05-2025\nHarbour Freight Lines,Training,11-06-2025\n"
    ),
    "zh-hans": (
        "客户名称,阶段,开始日期\n{3},售后服务,16-10-2024\n{4},培训指到,03-02-2025\n"
        "{5},上线运行,28-05-2025\n海港货运有限公司,培训指导,11-06-2025\n"
    ),
}  # fmt: skip
NAMES = {"en": ("people from the fair.csv", "customer list CRM.csv"), "zh-hans": ("展会名片.csv", "CRM 客户清单.csv")}


def imports_make(*, tenant: Tenant, cast: Cast, language: str, at: datetime) -> None:
    """People from a fair, imported by the manager; a list from the CRM, checked and not run."""
    manager = Member.objects.filter(role=Role.MANAGER).order_by("id").first()
    names = [account.name for account in cast.accounts[-6:]]
    if manager is None or len(names) < 6:
        return
    people, renewals = NAMES[language]
    _bring(tenant, "contacts", people, PEOPLE[language].format(*names), manager, at, run=True)
    _bring(tenant, "accounts", renewals, RENEWALS[language].format(*names), manager, at, run=False)


def _bring(tenant: Tenant, key: str, name: str, text: str, by: Member, at: datetime, *, run: bool) -> None:
    target = target_of(key)
    if target is None:
        return
    of = import_start(target=target, filename=name, raw=text.encode("utf-8-sig"), by=by, at=at)
    mapping = {int(number): field for number, field in of.mapping.items()}
    import_map(of=of, mapping=mapping, tenant=tenant, at=at, by=by)
    import_advance(tenant=tenant, pk=of.pk, clock=lambda: at)
    if run:
        import_go(of=of, at=at, by=by)
        import_advance(tenant=tenant, pk=of.pk, clock=lambda: at)
