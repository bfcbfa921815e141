"""``ofone lint`` and ``ofone preview``: what is wrong with the words, and what they look like."""

import json
from pathlib import Path

from tests.cli.conftest import SMALL_YAML, Ofone

ALARMING = SMALL_YAML.replace(", {{ customer.name }}", "").replace(
    "body: Welcome.", "body: Act now."
)


def test_good_words_are_said_to_be_good(ofone: Ofone) -> None:
    """Exit code 0, also with notes; the sentence does not promise too much."""
    said = ofone("lint", "life-insurance")
    assert (said.code, said.err) == (0, "")
    assert "note: life-insurance.yaml:" in said.out
    assert "nothing to mend" in said.out
    assert "let a person read every text too" in said.out


def test_what_should_be_mended_stands_at_its_line(ofone: Ofone, tmp_path: Path) -> None:
    """File, line, column, words, what would work, and the rule's name; exit code 1."""
    path = tmp_path / "small.yaml"
    path.write_text(ALARMING, encoding="utf-8")
    said = ofone("lint", path)
    line = ALARMING[: ALARMING.index("Act now")].count("\n") + 1
    assert said.code == 1
    assert f"{path}:{line}:" in said.out
    assert "“Act now”; say what happens and by when [alarm]" in said.out
    assert f"(alarm 1): ofone lint {path}" in " ".join(ofone("validate", path).out.split())


def test_findings_are_one_json_object(ofone: Ofone, tmp_path: Path) -> None:
    """For a pipeline: rule, owner, place; and what every rule is for."""
    path = tmp_path / "small.yaml"
    path.write_text(ALARMING, encoding="utf-8")
    found = json.loads(ofone("lint", path, "--json").out)
    assert {f["rule"] for f in found["findings"]} == {"alarm"}
    assert found["findings"][0]["line"] > 1
    assert "alarm" in found["rules"]
    assert ofone("validate", path, "--json").data["lint"] == {"alarm": 1}


def test_a_text_is_shown_as_it_goes_out(ofone: Ofone) -> None:
    """Who says it, where, in which language; subject and words."""
    said = ofone("preview", "life-insurance", "sign", "--for", "adaya", "--approach", "brief")
    assert "brief · email · en · step e_sign\nSubject: Ready to sign\n" in said.out
    german = ofone("preview", "life-insurance", "sign", "--language", "de", "--channel", "sms")
    assert "bereit zur Unterschrift" in german.out


def test_previews_are_json_and_files(ofone: Ofone, tmp_path: Path) -> None:
    """All texts of the playbook at once."""
    asked = ("preview", "life-insurance", "sign", "--out", tmp_path / "out")
    assert f"texts in {len(ofone(*asked, '--json').data['texts']) + 3} files" in ofone(*asked).out
    assert (tmp_path / "out" / "sign.brief.sms.txt").exists()


def test_a_preview_refuses_in_words(ofone: Ofone, tmp_path: Path) -> None:
    """An action that is not there, a fact that is none, a folder without journeys."""
    assert "no action 'sing'" in ofone("preview", "life-insurance", "sing").err
    assert "write NAME=VALUE" in ofone("preview", "life-insurance", "--fact", "room").err
    nobody = ofone("preview", "life-insurance", "--for", "x", "--data", tmp_path / "none")
    assert (nobody.code, "holds no journeys" in nobody.err) == (2, True)
