import pytest

from engine.errors import ModelRefused
from engine.models.bundle import bundle_hash, check_bounds, file_kind, overlay
from engine.models.settings import FamilySettings, read_settings


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("complaint.bpmn", "bpmn"),
        ("Complaint.BPMN", "bpmn"),
        ("grade.dmn", "dmn"),
        ("forms/intake.form", "form"),
        ("intake.json", "form"),
        ("process.toml", "settings"),
        ("complaint/process.toml", "settings"),
        ("other.toml", ""),
        ("readme.md", ""),
        ("bpmn", ""),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_name(path, kind):
    assert file_kind(path) == kind


def test_the_hash_covers_names_and_contents_but_not_their_order():
    whole = bundle_hash({"a.bpmn": b"1", "b.form": b"2"})
    assert whole == bundle_hash({"b.form": b"2", "a.bpmn": b"1"})
    assert len({whole, bundle_hash({"a.bpmn": b"2", "b.form": b"1"}), bundle_hash({"a.bpmn": b"1"})}) == 3
    assert set(whole) <= set("0123456789abcdef")


def test_new_files_are_laid_over_a_familys_earlier_ones():
    assert overlay({"a": b"1", "b": b"2"}, {"b": b"3", "c": b"4"}) == {"a": b"1", "b": b"3", "c": b"4"}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"../a.bpmn": b""}, "bundle.path"),
        ({"/a.bpmn": b""}, "bundle.path"),
        ({"a\\b.bpmn": b""}, "bundle.path"),
        ({"a\nb.bpmn": b""}, "bundle.path"),
        ({"a" * 200 + ".bpmn": b""}, "bundle.path"),
        ({"virus.exe": b""}, "bundle.kind"),
        ({"a.form": b" " * 1_000_001}, "form.size"),
        ({"process.toml": b" " * 100_001}, "settings.size"),
        ({"a/process.toml": b"", "b/process.toml": b""}, "bundle.settings"),
        ({f"{number}.form": b"{}" for number in range(301)}, "bundle.files"),
    ],
)
def test_files_beyond_the_bounds_are_found(files, code):
    assert {finding.code for finding in check_bounds(files)} == {code}


def test_ordinary_files_are_within_the_bounds():
    assert check_bounds({"a.bpmn": b"", "forms/b.form": b"{}", "process.toml": b""}) == []


def test_a_family_without_settings_has_the_defaults():
    assert read_settings({"a.bpmn": b""}) == FamilySettings()
    assert FamilySettings().soundness == "warning"


def test_settings_are_read_from_process_toml():
    text = """
        family = "complaint"
        name = "客訴處理"
        soundness = "error"
        lifecycle = true
        require_labels = true
        shape = "round"
        [labels]
        en = "Complaint handling"
        zh-Hans = "客诉处理"
    """
    settings = read_settings({"complaint/process.toml": text.encode()})
    assert (settings.family, settings.name, settings.soundness) == ("complaint", "客訴處理", "error")
    assert settings.lifecycle
    assert settings.require_labels
    assert settings.labels == {"en": "Complaint handling", "zh-Hans": "客诉处理"}
    assert settings.unknown == ("shape",)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"family = ", "TOML"),
        (b"\xff", "TOML"),
        (b'family = "Not A Name"', "family"),
        (b"family = 3", "family"),
        (b"name = 3", "name"),
        (b"labels = 3", "labels"),
        (b"[labels]\nen = 3", "labels"),
        (b'soundness = "fatal"', "soundness"),
        (b'lifecycle = "yes"', "lifecycle"),
        (b"require_labels = 1", "require_labels"),
        (b"words = 1", "words"),
        (b'[words]\n"A" = "B"', "words.A"),
        (b'[words]\n"A" = { fr = "B" }', "words.A"),
        (b'[words]\n"A" = { en = " " }', "words.A"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(text, word):
    with pytest.raises(ModelRefused) as refused:
        read_settings({"process.toml": text})
    assert word in refused.value.findings[0].message
    assert refused.value.findings[0].file == "process.toml"
