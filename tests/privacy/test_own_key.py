"""With another master key than the data's own nothing starts: what it sealed would be lost with it."""

from __future__ import annotations

import logging

import pytest

from engine.assembly import Redress
from engine.cli.examination import examine
from engine.cli.opening import opened
from engine.cli.serving import initialise
from engine.errors import ConfigurationError
from engine.privacy.key_file import create_master_key, rotate_master_key
from engine.privacy.values import read_value
from tests.driving import complaint
from tests.world import register


def test_a_key_that_is_missing_or_anothers_is_refused_and_its_own_goes_on(
    redress: Redress, monkeypatch: pytest.MonkeyPatch
) -> None:
    no, settings = register(redress).complaint_no, redress.config
    key, kept = settings.master_key_file, settings.data_dir / "kept"
    monkeypatch.setenv("REDRESS_ENV", "test")
    monkeypatch.setenv("REDRESS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("REDRESS_DATABASE_URL", settings.database_url)
    key.rename(kept)
    with pytest.raises(ConfigurationError, match="put the file back"):
        initialise(settings)
    assert not key.exists()
    with pytest.raises(ConfigurationError, match="put it back"), opened():
        pass
    create_master_key(key)
    with pytest.raises(ConfigurationError, match="does not open what is in the database"), opened():
        pass
    with pytest.raises(ConfigurationError, match="does not open what is in the database"):
        initialise(settings)
    assert any("does not open" in finding.do + finding.what for finding in examine(settings))
    kept.replace(key)
    with opened() as again, again.sessions.read() as session:
        assert read_value(session, again.keyring, complaint(again, no).personal["name"]) == "王小明CANARY"


@pytest.mark.parametrize("redress", ["sqlite"], indirect=True)
def test_a_running_system_keeps_its_key_when_that_of_another_is_put_in_its_place(
    redress: Redress, caplog: pytest.LogCaptureFixture
) -> None:
    key, kept = redress.config.master_key_file, redress.config.data_dir / "kept"
    key.rename(kept)
    create_master_key(key)
    with caplog.at_level(logging.ERROR):
        no = register(redress).complaint_no
    assert "another installation" in caplog.text
    kept.replace(key)
    rotate_master_key(key)
    with redress.sessions.read() as session:
        assert redress.keyring.current == 2
        assert read_value(session, redress.keyring, complaint(redress, no).personal["name"]) == "王小明CANARY"
