"""The Chinese of the pages: one word per idea, one way to address the reader, full-width signs."""

import re

import pytest
from babel.messages.pofile import read_po

from csplatform import messages

# What is not written → what is, and what may stand around it all the same.
AVOIDED = {
    "你": "您",
    "本组织": "本企业",
    "租户时区": "企业时区",
    "待办": "下一步",
    "审计记录": "操作记录",
    "临时数据": "暂估",
    "红灯": "有风险",
    "「": "“",
    "CSM": "客户成功经理",
}
MANAGER = re.compile(r"(?<!客户成功)经理")  # the role is called 主管
# Names may be Chinese; where one is Latin, the style sheet (`text-autospace`) makes the room.
_NAME = r"%\((?:name|who|csm|tenant|inviter|product|Role)\)s"
SPACED = re.compile(rf"[\u4e00-\u9fff] {_NAME}|{_NAME} [\u4e00-\u9fff]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”）](?:%\(\w+\)s)?[,:;?!](?!//)")


def _said(app: str) -> list[str]:
    with messages.po_path(app).open("rb") as file:
        catalog = read_po(file)
    said = [one.string for one in catalog if one.id]
    return [text for one in said for text in ((one,) if isinstance(one, str) else one or ())]


@pytest.mark.parametrize("app", messages.apps())
def test_the_chinese_of_an_app_has_one_word_per_idea_and_full_width_signs(app: str) -> None:
    wrong = [f"{word} (write {said}): {text}" for text in _said(app) for word, said in AVOIDED.items() if word in text]
    wrong += [f"经理 (write 主管): {text}" for text in _said(app) if MANAGER.search(text)]
    wrong += [f"half-width sign: {text}" for text in _said(app) if HALF_WIDTH.search(text)]
    wrong += [f"space around a name: {text}" for text in _said(app) if SPACED.search(text)]
    assert not wrong, "\n".join(wrong)
