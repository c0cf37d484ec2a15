"""The language files: every visible string is found, and a gap is named."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from csplatform import messages

TEMPLATE = """{% load i18n %}
  <p title="{% translate "Accounts" %}">
      don't stop (at 100%
   {% blocktranslate count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}
 {% translate "May" context "month" %}</p>
{% blocktranslate trimmed %}
   Over two
   lines
{% endblocktranslate %}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project of two apps."""
    for app in ("common", "accounts"):
        (tmp_path / app).mkdir()
        (tmp_path / app / "__init__.py").touch()
    (tmp_path / "accounts/models.py").write_text("LABEL = _('Renewal of %(name)s')\n")
    (tmp_path / "templates/accounts").mkdir(parents=True)
    (tmp_path / "templates/accounts/list.html").write_text(TEMPLATE)
    (tmp_path / "templates/base.html").write_text('{% load i18n %}{% translate "Today" %}')
    return tmp_path


def _translate(project: Path, app: str, **strings: str) -> None:
    path = messages.po_path(app, project)
    with path.open("rb") as file:
        catalog = read_po(file)
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            text = strings.get(key.split()[0], "译 %(name)s %(n)s" if "%" in key else "译")
            message.string = text if isinstance(message.id, str) else ("译 %(n)s",)
    with path.open("wb") as file:
        write_po(file, catalog)


def test_strings_of_sources_and_templates_go_to_the_catalogue_of_their_app(project: Path) -> None:
    used = messages.extracted("accounts", project)
    ids = {(message.id, message.context) for message in used if message.id}
    assert ids == {
        ("Renewal of %(name)s", None),
        ("Accounts", None),
        (("%(n)s row", "%(n)s rows"), None),
        ("May", "month"),
        ("Over two lines", None),
    }
    assert [message.id for message in messages.extracted("common", project) if message.id] == ["Today"]


def test_a_complete_catalogue_has_no_problems_and_is_compiled_once(project: Path) -> None:
    messages.update(project)
    assert any("untranslated" in line for line in messages.problems(project))
    for app in ("accounts", "common"):
        _translate(project, app, Renewal="%(name)s 续约")
    assert messages.problems(project) == []
    assert messages.compile_all(project) == 2
    assert messages.compile_all(project) == 0


def test_each_gap_is_named(project: Path) -> None:
    messages.update(project)
    _translate(project, "accounts", Renewal="%(nom)s 续约")
    path = messages.po_path("accounts", project)
    path.write_text(path.read_text().replace('msgid "Accounts"', '#, fuzzy\nmsgid "Accounts"'))
    (project / "accounts/views.py").write_text("TITLE = _('Added later')\n")
    found = "\n".join(messages.problems(project))
    for what in ("missing: 'Added later'", "fuzzy: 'Accounts'", "other placeholders", "common: untranslated: 'Today'"):
        assert what in found


def test_updating_keeps_translations_and_drops_what_is_no_longer_used(project: Path) -> None:
    messages.update(project)
    _translate(project, "accounts", Accounts="客户")
    (project / "accounts/models.py").unlink()
    messages.update(project)
    text = messages.po_path("accounts", project).read_text()
    assert 'msgstr "客户"' in text
    assert "Renewal" not in text


def test_a_message_says_the_same_in_every_catalogue() -> None:
    """Django merges the catalogues: a second wording would show up in the wrong place."""
    said: dict[str, set[str]] = {}
    for path in sorted(Path("locale").glob("*/zh_Hans/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans"):
                if message.id and isinstance(message.id, str) and not message.context:
                    said.setdefault(message.id, set()).add(str(message.string))
    assert {text: wordings for text, wordings in said.items() if len(wordings) > 1} == {}
