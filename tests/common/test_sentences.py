"""Texts that stand beside each other, as each language writes them."""

from django.utils import translation

from common import formats


def test_sentences_stand_apart_in_english_and_touch_in_chinese() -> None:
    with translation.override("en"):
        assert formats.sentences(["Saved.", "Next: call."]) == "Saved. Next: call."
    with translation.override("zh-hans"):
        assert formats.sentences(["已保存。", "下一步：致电。"]) == "已保存。下一步：致电。"


def test_the_pages_of_the_sign_in_library_speak_our_chinese() -> None:
    with translation.override("zh-hans"):
        assert translation.gettext("Email Addresses") == "邮箱地址"
