"""Reading, cleaning, guessing and likeness, without a database."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imports.cleaning import (
    Refused,
    options_of,
    read_amount,
    read_choice,
    read_count,
    read_date,
    read_flag,
    read_instant,
    read_mail,
    read_number,
    swapped,
)
from imports.guessing import Wanted, guess, kind_of
from imports.likeness import bare_name, same_names
from imports.nearness import Meant, nearest
from imports.reading import MOST_CELLS, MOST_LINES, Unreadable, read_sheet
from imports.services.start import source_name


@pytest.mark.parametrize(
    ("text", "day", "rule"),
    [
        ("2024-03-01", date(2024, 3, 1), ""),
        ("2024/3/1", date(2024, 3, 1), ""),
        ("2024年3月1日", date(2024, 3, 1), ""),
        ("２０２４年３月１号", date(2024, 3, 1), ""),
        ("20240301", date(2024, 3, 1), ""),
        ("2024-03-01 12:30", date(2024, 3, 1), ""),
        ("1 Mar 2024", date(2024, 3, 1), ""),
        ("March 1st, 2024", date(2024, 3, 1), ""),
        ("16-10-2024", date(2024, 10, 16), "dmy"),
        ("10/16/2024", date(2024, 10, 16), "mdy"),
        ("45352", date(2024, 3, 1), "serial"),
        ("24年3月1日", date(2024, 3, 1), "short_year"),
        ("2024年3月", date(2024, 3, 1), "month"),
    ],
)
def test_a_date_is_read_as_it_stands_or_by_a_rule(text: str, day: date, rule: str) -> None:
    found = read_date(text)
    assert (found.value, found.rule) == (day, rule)


@pytest.mark.parametrize("text", ["soon", "2027-02-30", "2027-13-01", "99", "31/31/2024", "12345678901", "1850-01-01"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_date(text)


@settings(deadline=None)  # libraries load on first use
@given(st.dates(date(1955, 1, 1), date(2115, 1, 1)))
def test_every_day_is_read_back_from_every_form(day: date) -> None:
    assert read_date(day.isoformat()).value == day
    assert read_date(f"{day.year}年{day.month}月{day.day}日").value == day
    assert read_date(str((day - date(1899, 12, 30)).days)).value == day
    found = read_date(day.strftime("%d.%m.%Y"))
    assert day in (found.value, date(day.year, day.day, day.month) if day.day <= 12 else day)


def test_an_instant_has_its_time_and_names_its_zone_or_none() -> None:
    assert read_instant("2024-03-01 14:05").value == datetime(2024, 3, 1, 14, 5)  # noqa: DTZ001 - the tenant's zone follows
    assert read_instant("2024-03-01T14:05:00Z").value.isoformat() == "2024-03-01T14:05:00+00:00"
    assert read_instant("1709301900000").value.isoformat() == "2024-03-01T14:05:00+00:00"
    assert read_instant("28-07-2023 03:00").rule == "dmy"


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("¥1,200.50", "1200.5", ""),
        ("1.2万", "12000", ""),
        ("￥ 3,000元", "3000", ""),
        ("12,3456", "123456", ""),
        ("USD 5", "5", ""),
        ("−7", "-7", ""),
        ("(300)", "-300", "brackets"),
        ("1.200,50", "1200.5", "comma"),
        ("3k", "3000", "short"),
        ("约500", "500", "about"),
    ],
)
def test_a_number_is_read_as_it_stands_or_by_a_rule(text: str, value: str, rule: str) -> None:
    found = read_number(text)
    assert (found.value, found.rule) == (Decimal(value), rule)


@pytest.mark.parametrize("text", ["NaN", "1e999", "Infinity", "many", "1.2.3", "", "1,2,3", "9" * 20])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read_number(text)


@settings(deadline=None)  # libraries load on first use
@given(st.decimals(Decimal("0"), Decimal("9999999999"), places=2))
def test_every_amount_is_read_back_with_and_without_grouping(amount: Decimal) -> None:
    assert read_amount(f"¥{amount:,}").value == amount
    assert read_amount(str(amount)).value == amount


@settings(deadline=None)  # libraries load on first use
@given(st.text(max_size=30))
def test_no_text_breaks_a_reader(text: str) -> None:
    for reader in (read_date, read_instant, read_number, read_amount, read_count, read_flag, read_mail):
        try:
            reader(text)
        except Refused:
            continue


def test_counts_flags_and_addresses_are_mended_by_rules() -> None:
    assert (read_count("40 seats").value, read_count("40 seats").rule) == (40, "unit")
    assert read_flag("是").value is True
    assert read_flag("FALSE").value is False
    assert (read_mail("ann @h,com").value, read_mail("ann@h.com").rule) == ("ann@h.com", "")


def test_a_mistyped_choice_finds_its_neighbour_and_a_stranger_none() -> None:
    options = options_of([("go_live", "Go-live", ("上线运行",)), ("training", "Training", ())])
    assert (read_choice("上线运行", options).value, read_choice("上线运行", options).rule) == ("go_live", "")
    assert (read_choice("Trainnig", options).value, read_choice("Trainnig", options).rule) == ("training", "near")
    with pytest.raises(Refused) as refused:
        read_choice("paused", options)
    assert refused.value.params["known"] == ["Go-live", "Training"]
    assert nearest("company 12", {"company 13": "b"}) is None, "another number is another thing"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_file_is_read_in_every_encoding_with_every_delimiter(encoding: str, mark: str) -> None:
    text = f'客户编号{mark}客户名称\nh1{mark}云帆软件\n\nh2{mark}"a{mark}b"\n'
    sheet = read_sheet(text.encode(encoding))
    assert sheet.heads == ["客户编号", "客户名称"]
    assert sheet.rows == [["h1", "云帆软件"], ["h2", f"a{mark}b"]]
    assert sheet.lines == [2, 4]


def test_titles_above_the_head_are_passed_over_and_two_heads_of_a_name_told_apart() -> None:
    sheet = read_sheet(b"Customers 2026\n\nid,Date,Date,\n1,a,b,\n")
    assert sheet.heads == ["id", "Date", "Date (2)"]
    assert sheet.lines == [4]


def test_messages_as_json_are_cells_by_their_path() -> None:
    raw = '{"messages": [{"msgid": "1", "tolist": ["a", "b"], "msgtime": 1709301900000, "text": {"content": "你好"}}]}'
    sheet = read_sheet(raw.encode())
    assert dict(zip(sheet.heads, sheet.rows[0], strict=True)) == {
        "msgid": "1", "tolist": "a;b", "msgtime": "1709301900000", "text.content": "你好",
    }  # fmt: skip


@settings(deadline=None)  # libraries load on first use
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    with suppress(Unreadable):
        sheet = read_sheet(raw)
        assert len(sheet.rows) == len(sheet.lines)


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'[{"a":1}]\n' + b"[" * 100_000, b'[{"a":1},' * 50_000])
def test_json_that_nests_without_end_is_a_broken_file(raw: bytes) -> None:
    with pytest.raises(Unreadable, match="broken"):
        read_sheet(raw)


def test_what_no_table_holds_does_not_come_out_of_escapes() -> None:
    sheet = read_sheet(b'[{"a\\u0000b": "x\\u0000y", "c": "x\\ud800y", "d": {"\\udfff": ["\\u0000"]}}]')
    assert sheet.heads == ["a\ufffdb", "c", "d.\ufffd"]
    assert sheet.rows == [["x\ufffdy", "x\ufffdy", "\ufffd"]]


def test_a_file_of_endless_empty_lines_or_endlessly_wide_is_refused() -> None:
    with pytest.raises(Unreadable, match="too_long"):
        read_sheet(b"a,b\n" + b"\n" * (MOST_LINES + 1) + b"1,2\n")
    with pytest.raises(Unreadable, match="too_wide"):
        read_sheet(b"a,b\n" + b"," * MOST_CELLS + b"\n")


def workbook(rows: str, strings: str = "", dimension: str = "") -> bytes:
    """An xlsx as a program that means harm would write it."""
    import io
    import zipfile

    from openpyxl import Workbook

    made, file = io.BytesIO(), io.BytesIO()
    Workbook().save(made)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(made) as plain, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in plain.namelist():
            if part not in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
                packed.writestr(part, plain.read(part))
        said = f'<worksheet xmlns="{main}">{dimension}<sheetData>{rows}</sheetData></worksheet>'
        packed.writestr("xl/worksheets/sheet1.xml", said)
        packed.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{strings}</sst>')
    return file.getvalue()


def row(number: int, text: str) -> str:
    return f'<row r="{number}"><c r="A{number}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def test_a_workbook_is_as_large_as_its_rows_whatever_it_says_of_itself() -> None:
    rows = row(1, "Name") + row(200_000, "Acme")
    sheet = read_sheet(workbook(rows, dimension='<dimension ref="A1:XFD1048576"/>'))
    assert (sheet.heads, sheet.rows, sheet.lines) == (["Name"], [["Acme"]], [200_000])


def test_a_workbook_with_a_row_beyond_all_sheets_or_endless_texts_is_refused() -> None:
    with pytest.raises(Unreadable, match="too_long"):
        read_sheet(workbook(row(1, "Name") + row(10**12, "Acme")))
    with pytest.raises(Unreadable, match="too_long"):
        read_sheet(workbook(row(1, "Name") + row(2, "Acme"), strings="<si><t>a</t></si>" * 5_000_000))


def test_columns_are_guessed_by_both_languages_then_by_values_and_never_twice() -> None:
    fields = [
        Wanted("external_id", "text", ("account id", "id", "客户编号")),
        Wanted("name", "text", ("name", "客户名称", "客户")),
        Wanted("email", "mail", ("email", "邮箱"), by_value=True),
        Wanted("since", "date", ("start date", "开始日期"), by_value=True),
    ]
    rows = [["9", "Harbor", "a@h.cn", "2024-01-01"]]
    assert guess(["Account_ID", "客户名称 *", "?", "??"], rows, fields) == {
        0: "external_id", 1: "name", 2: "email", 3: "since",
    }  # fmt: skip
    assert guess(["id", "account id"], [], fields) == {1: "external_id"}
    assert guess(["nmae", "客户"], [], fields, {"客户": ""}) == {}, "left out last time"


def test_the_kind_of_a_new_field_follows_from_its_cells() -> None:
    assert kind_of(["2024-01-01", "2024-02-01"]) == "date"
    assert kind_of(["1", "2.5"]) == "number"
    assert kind_of(["US", "IN", "US", "IN"]) == "pick"
    assert kind_of(["a b c", "d e f"]) == "text"


def test_names_of_one_company_are_alike_and_numbers_tell_two_apart() -> None:
    assert bare_name("Harbor Logistics, Ltd.") == bare_name("harbor  logistics")
    assert bare_name("云帆软件科技有限公司") == bare_name("云帆软件")
    known = {"k1": "Harbor Logistics", "k2": "Company 12"}
    assert same_names([("a", "Harbour Logistics Inc"), ("b", "Company 13"), ("c", "Else")], known) == {"a": "k1"}


def test_a_source_is_the_file_s_name_without_its_dates() -> None:
    assert source_name("CRM export 2026-11-23 (2).csv") == "CRM export"
    assert source_name("客户清单20261123.xlsx") == "客户清单"
    assert source_name("2026.csv") == "CSV"


STAGES = {"系统配置": "c", "培训指导": "t", "培训": "t", "上线运行": "g", "上线": "g", "售后服务": "a", "售后": "a",
          "增购续费": "e", "续约": "r", "半年": "6", "年": "12", "月": "1"}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "perhaps"),
    [
        ("陪训", "t", False),  # sounds the same
        ("上限", "g", False),
        ("系统配制", "c", False),
        ("培训辅导", "t", False),  # one other character of four
        ("上线运行中", "g", False),
        ("运行上线", "g", True),  # the same characters
        ("上线运行阶段", "g", True),
        ("培养", "t", True),  # one other character of two
    ],
)
def test_a_mistyped_chinese_choice_finds_its_neighbour(text: str, code: str, perhaps: bool) -> None:
    assert nearest(text, STAGES) == Meant(code, perhaps)


@pytest.mark.parametrize("text", ["下线", "售前服务", "未续约", "解约", "半月", "暂停", "季", "x"])
def test_a_word_that_says_something_else_has_no_neighbour(text: str) -> None:
    assert nearest(text, STAGES) is None


def test_of_two_that_are_equally_near_neither_is_guessed() -> None:
    assert nearest("培训课程", {"培训课": "a", "培训程": "b"}) is None
    assert nearest("陪训", {"培训": "a", "赔训": "b"}) is None
    assert nearest("training a", {"training b": "a", "training c": "b"}) is None


def test_people_and_companies_are_near_by_sound_alone() -> None:
    names = {"李蕾": "li", "张伟": "zhang"}
    assert nearest("李雷", names, names=True) == Meant("li")
    assert nearest("张三", names, names=True) is None


def test_a_date_of_equal_numbers_can_be_read_in_one_way_only() -> None:
    assert (read_date("05/05/2026").value, read_date("05/05/2026").rule) == (date(2026, 5, 5), "")


def test_an_instant_read_month_first_keeps_its_time() -> None:
    assert swapped(read_instant("03/04/2025 14:05"), "mdy").value == datetime(2025, 3, 4, 14, 5)  # noqa: DTZ001 - the tenant's zone follows
