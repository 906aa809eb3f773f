"""Sentences on a page: safe, whoever wrote them, with commands as they are typed here."""

import pytest

from dashboard import data, layout
from quant.settings import Settings


@pytest.fixture(autouse=True)
def live(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "settings", lambda: settings)


def test_what_others_wrote_becomes_no_link_no_picture_and_no_html() -> None:
    said = layout.sentence("403: ![x](http://elsewhere/x.png) <img src=http://elsewhere> for $5 & $6")
    assert "[" not in said and "<" not in said and "$" not in said
    assert said == "403: !&#91;x](http://elsewhere/x.png) &lt;img src=http://elsewhere&gt; for &#36;5 &amp; &#36;6."


def test_a_sentence_keeps_its_code_and_has_one_full_stop() -> None:
    assert layout.sentence("it's old: run `quant build`.") == "it's old: run `quant build`."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Run `quant ingest crypto`, then `quant build`.",
            "Run `quant ingest crypto --demo`, then `quant build --demo`.",
        ),
        ("run `quant up --demo` and wait", "run `quant up --demo` and wait"),
        ("`serving.bars` is empty", "`serving.bars` is empty"),
    ],
)
def test_commands_of_the_demo_are_those_of_its_data(
    text: str, said: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert layout.told(text) == text
    monkeypatch.setattr(data, "settings", lambda: settings.model_copy(update={"demo": True}))
    assert layout.told(text) == said
