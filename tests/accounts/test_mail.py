"""Messages as they really come: encoded, mixed, broken, quoted, twice."""

import base64
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.mail import read_message
from accounts.models import Touch, TouchMail
from accounts.selectors import relation_facts
from accounts.services import contact_save, mail_take, mailbox_ensure
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.factories import AT, DAY, make_account, make_member, make_tenant

PLAIN = b"""From: =?UTF-8?B?546L6Iqz?= <Wang.Fang@Example.com>\r
To: "Koehler, Mina" <mina@vendor.example>, other@example.com\r
Subject: =?gb2312?B?xfqyub/NxuQ=?=\r
 =?utf-8?Q?_caf=C3=A9?=\r
Message-ID: <abc@example.com>\r
Date: Mon, 9 Mar 2026 23:30:00 +0100\r
Content-Type: text/plain; charset=utf-8\r
\r
Thank you, we are happy.\r
\r
On Fri, 6 Mar 2026, Mina Koehler wrote:\r
> Are you?\r
"""


def test_a_plain_message_gives_people_day_words_and_what_was_quoted() -> None:
    message = read_message(PLAIN)
    assert message.sender == "wang.fang@example.com"
    assert message.addresses == ("wang.fang@example.com", "mina@vendor.example", "other@example.com")
    assert message.message_id == "abc@example.com"
    assert message.sent_at == datetime(2026, 3, 9, 22, 30, tzinfo=UTC)
    assert message.text == "Thank you, we are happy."
    assert message.quoted.startswith("On Fri, 6 Mar 2026")
    assert "> Are you?" in message.quoted
    assert message.subject.endswith("café")


@pytest.mark.parametrize("charset", ["gb18030", "gbk", "utf-8", "big5"])
@pytest.mark.parametrize("encoding", ["base64", "8bit"])
def test_chinese_is_read_in_every_charset_it_comes_in(charset: str, encoding: str) -> None:
    text = "排產計劃" if charset == "big5" else "质检追溯已上线，谢谢。"
    body = text.encode(charset)
    body = base64.b64encode(body) if encoding == "base64" else body
    head = f"From: a@b.cn\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    assert read_message(head.encode() + body).text == text


def test_gb2312_that_is_really_gb18030_and_raw_bytes_in_a_header_are_read() -> None:
    raw = b"From: a@b.cn\nSubject: " + "关于镕基项目".encode("gb18030")
    raw += b"\nContent-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: 8bit\n\n" + "朱镕".encode("gb18030")
    message = read_message(raw)
    assert (message.subject, message.text) == ("关于镕基项目", "朱镕")


def test_a_sign_cut_in_two_by_encoded_words_is_whole_again() -> None:
    half = "质检".encode("gbk")
    words = [base64.b64encode(half[:1]).decode(), base64.b64encode(half[1:]).decode()]
    raw = f"Subject: =?gbk?B?{words[0]}?=\n =?gbk?B?{words[1]}?=\nFrom: a@b.cn\n\nx".encode()
    assert read_message(raw).subject == "质检"


def test_of_alternatives_the_plain_one_is_read_and_attachments_are_listed() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.cn", "c@d.cn", "报告"
    mail.set_content("正文")
    mail.add_alternative("<p>HTML</p>", subtype="html")
    mail.add_attachment(b"x" * 1000, maintype="application", subtype="pdf", filename="季度报告.pdf")
    message = read_message(mail.as_bytes())
    assert message.text == "正文"
    assert [(a.name, a.type, a.size) for a in message.attachments] == [("季度报告.pdf", "application/pdf", 1000)]


def test_marked_up_text_is_read_without_marks_scripts_and_with_its_quotation_folded() -> None:
    html = "<html><head><style>p{}</style><body><p>已确认&nbsp;&amp; 谢谢</p><script>alert(1)</script>"
    html += "<blockquote><p>原来的话</p></blockquote>"
    raw = b"From: a@b.cn\nContent-Type: text/html; charset=utf-8\n\n" + html.encode()
    message = read_message(raw)
    assert message.text == "已确认 & 谢谢"
    assert "原来的话" in message.quoted


@pytest.mark.parametrize(
    "line",
    [
        "-----原始邮件-----",
        "在 2026年3月6日，米娜 写道：",
        "发件人: 米娜 <mina@vendor.example>",
        "----- Original Message -----",
    ],
)
def test_what_is_answered_is_folded_in_both_languages(line: str) -> None:
    message = read_message(
        f"From: a@b.cn\nContent-Type: text/plain; charset=utf-8\n\n好的\n\n{line}\n旧内容\n".encode()
    )
    assert (message.text, message.quoted.splitlines()[0]) == ("好的", line)


def test_a_message_without_id_and_date_is_itself_by_its_bytes() -> None:
    one, two = read_message(b"From: a@b.cn\n\nhello"), read_message(b"From: a@b.cn\n\nhello")
    assert one.message_id == two.message_id != read_message(b"From: a@b.cn\n\nhullo").message_id
    assert one.sent_at is None


@given(st.binary(max_size=600))
def test_no_bytes_are_refused_and_everything_read_can_be_stored(raw: bytes) -> None:
    message = read_message(raw)
    for text in (message.subject, message.text, message.quoted, message.sender, message.message_id):
        assert "\x00" not in text
        text.encode()


@given(
    st.lists(
        st.sampled_from(
            [
                b"From: =?x?B?=?= <a@b", b"Subject: =?utf-8?B?////?=", b"Content-Type: multipart/mixed; boundary=x",
                b"Content-Type: text/plain; charset*0*=bad'", b"Content-Transfer-Encoding: base64", b"Date: 99 Foo",
                b"To: a@b, (((", b"Message-ID: <" + b"x" * 900 + b">", b"", b"--x", b"--x--", b"\xff\xfe\x00", b"> q",
                b"Content-Disposition: attachment; filename*=utf-8''%E8%B4%A8.pdf", b"Content-Type: message/rfc822",
            ]
        ),
        max_size=14,
    )
)  # fmt: skip
def test_pieces_of_messages_in_any_order_are_read(lines: list[bytes]) -> None:
    assert len(read_message(b"\n".join(lines)).message_id) <= 300


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant().tenant


MARKED = b"From: ann@example.com\nContent-Type: text/html\n\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"(" * 20_000 + b" <ann@example.com>\n\nHi",
        b"From: ann@example.com\nTo: b@example.com, " + b'("' * 20_000 + b"\n\nHi",
        b"From: ann@example.com\n" + b"Content-Type: message/rfc822\n\n" * 3000,
        b"From: ann@example.com\nContent-Type: text/plain; " + b"a*0=b;" * 100_000 + b"\n\nHi",
        MARKED + b"Hi<!--" * 300_000,
        MARKED + b"<a " * 300_000,
        MARKED + b"<![CDATA[" * 200_000,
        MARKED + b"<td title='" * 200_000,
    ],
    ids=["remarks", "open quotes", "nested", "parameters", "comments", "marks", "sections", "attributes"],
)  # without a bound on each, the last five take hours
def test_a_message_made_to_be_slow_or_deep_is_read_like_any_other(raw: bytes) -> None:
    assert read_message(raw).sender == "ann@example.com"


def test_marks_in_quotes_scripts_and_remarks_are_no_marks() -> None:
    html = (
        b"<html><head><style>p{}</style><title>T</title></head><body title='a>b'><p>Hi &amp; <b>you</b>: 3 < 4</p>"
        b'<script>write("<style></p>")</script><a title="it\'s > that">It\'s</a><!-- <p> --> done<td width=5\'>.</td>'
    )
    assert read_message(MARKED + html).text == "Hi & you: 3 < 4\nIt's done."


@pytest.mark.django_db
def test_a_message_of_the_customer_is_filed_once_and_ends_the_silence(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account, member = make_account(tenant, contract_start=DAY.replace(year=2025)), make_member(Role.CSM)
        wang = contact_save(
            account=account, values={"name": "王芳", "email": "wang.fang@example.com"}, at=AT, by=member
        )
        touch, new = mail_take(account=account, message=read_message(PLAIN), tenant=tenant, at=AT, by=member)
        again, second = mail_take(account=account, message=read_message(PLAIN), tenant=tenant, at=AT, by=member)
        assert (new, second, again.pk) == (True, False, touch.pk)
        assert (touch.kind, touch.two_way, touch.on.isoformat()) == ("mail", True, "2026-03-09")
        assert list(touch.contacts.all()) == [wang]
        assert TouchMail.objects.get().strangers == ["mina@vendor.example", "other@example.com"]
        assert relation_facts(DAY, [account.pk])["days_silent"][account.pk] == 0


@pytest.mark.django_db
def test_a_message_of_ours_is_one_way_and_its_writers(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account, member = make_account(tenant), make_member(Role.CSM)
        raw = (
            f"From: {member.user.email}\nTo: wang@example.com\nDate: Mon, 9 Mar 2026 10:00:00 +0000\n\nHello?".encode()
        )
        touch, _new = mail_take(account=account, message=read_message(raw), tenant=tenant, at=AT, by=None)
        assert (touch.two_way, touch.author) == (False, member)


@pytest.mark.django_db
def test_a_message_dated_ahead_is_filed_for_the_day_it_came(tenant: Tenant) -> None:
    with tenant_scope(tenant):
        account = make_account(tenant)
        raw = b"From: a@b.cn\nDate: Mon, 9 Mar 2099 10:00:00 +0000\n\nHello"
        touch, _new = mail_take(account=account, message=read_message(raw), tenant=tenant, at=AT, by=None)
        assert touch.on == AT.date()


@pytest.mark.django_db
def test_the_command_files_at_the_account_of_the_address_and_at_no_other(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    from types import SimpleNamespace

    with tenant_scope(tenant):
        account = make_account(tenant)
        token = mailbox_ensure(account=account, at=AT).token
        assert mailbox_ensure(account=account, at=AT).token == token
    for address in (f"{token}@in.example", f"<{token.upper()}+x@in.example>"):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(PLAIN)))
        call_command("mail_in", address=address, stdout=io.StringIO())
    with tenant_scope(tenant):
        assert Touch.objects.filter(account=account).count() == 1
    with pytest.raises(CommandError, match="No account"):
        call_command("mail_in", address="nobody@in.example")
