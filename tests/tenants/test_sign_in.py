"""Ways in for a person who forgot the password or was made by a command, and what they are told on the way."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override

from tenants.mail import mail_list
from tenants.models import Tenant
from tenants.passwords import LongEnough
from tests.factories import make_tenant

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"


def asked(email: str, language: str = "en") -> str:
    """The page after somebody asked for a new password."""
    answer = Client(headers={"accept-language": language}).post(RESET, {"email": email}, follow=True)
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_the_mail_for_a_new_password_speaks_for_this_product_and_its_link_works(settings: Any) -> None:
    made = make_tenant("ours")
    page = asked(made.admin.user.email)
    (sent,) = mail.outbox
    assert "customer success platform" in sent.subject
    assert settings.SITE_URL in sent.body
    assert "Hello from" not in sent.body
    assert 'href="/accounts/login/"' in page
    found = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", str(sent.body))
    assert found
    client = Client()
    form = client.get(found[1], follow=True)
    chosen = {"password1": "a-quite-long-one", "password2": "a-quite-long-one"}
    done = client.post(form.redirect_chain[-1][0], chosen, follow=True).content.decode()
    assert 'class="btn main" href="/accounts/login/"' in done
    made.admin.user.refresh_from_db()
    assert made.admin.user.check_password("a-quite-long-one")


def test_the_mail_for_a_new_password_is_chinese_for_those_who_read_chinese() -> None:
    made = make_tenant("ours")
    assert "请查收邮件" in asked(made.admin.user.email, "zh-hans")
    assert mail.outbox[0].subject == "重设客户成功平台的密码"
    assert "客户成功平台" in mail.outbox[0].body


def test_an_unknown_address_gets_no_mail_and_the_page_says_the_same() -> None:
    made = make_tenant("ours")
    known = asked(made.admin.user.email)
    mail.outbox.clear()
    assert asked("nobody@else.example") == known
    assert mail.outbox == []


@pytest.mark.parametrize("path", ["/accounts/login/", RESET + "done/"])
def test_a_demo_says_where_its_mail_is_read_and_nothing_else_does(path: str, settings: Any) -> None:
    assert "/demo/mail/" not in Client().get(path).content.decode()
    settings.DEMO = True
    assert 'href="/demo/mail/"' in Client().get(path).content.decode()


def test_a_short_password_is_refused_in_chinese_too() -> None:
    with override("zh-hans"):
        assert LongEnough(10).get_error_message() == "密码太短：至少需要 10 个字符。"


def test_a_tenant_whose_admin_no_mail_can_reach_is_not_made() -> None:
    with pytest.raises(CommandError, match="valid email"):
        call_command("tenant_create", "acme", admin="boss", stdout=io.StringIO())
    assert not Tenant.objects.filter(slug="acme").exists()


def test_the_mail_of_a_demo_reads_as_it_was_written(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    with mail.get_connection() as connection:
        for text in ("请打开以下链接：http://localhost/1/", "Grüße"):
            mail.EmailMessage("重设密码", text, None, ["a@b.example"], connection=connection).send()
    read = mail_list(folder=tmp_path)
    assert [(one.subject, one.text.strip()) for one in read] == [
        ("重设密码", "请打开以下链接：http://localhost/1/"),
        ("重设密码", "Grüße"),
    ]
