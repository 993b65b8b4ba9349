"""Settings: read from outside, refused by name when they are wrong, never shown when secret."""

import os
import re
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from bot.settings import DingtalkSettings, Settings, SettingsRefused, WecomSettings, load_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
SECRET = "sesame"
WECOM = {
    "CORP_ID": "ww1",
    "AGENT_ID": "1000002",
    "SECRET": SECRET,
    "CALLBACK_TOKEN": SECRET,
    "CALLBACK_AES_KEY": SECRET,
}
DINGTALK = {"CLIENT_ID": "ding1", "CLIENT_SECRET": SECRET, "ROBOT_CODE": "r1", "CORP_ID": "c1"}
NESTED: dict[str, type[BaseModel]] = {"wecom": WecomSettings, "dingtalk": DingtalkSettings}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start in an empty folder, with nothing of ours in the environment."""
    for name in [name for name in os.environ if name.upper().startswith("ZHUFEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"ZHUFEN_{name}", value)


def refused() -> list[str]:
    with pytest.raises(SettingsRefused) as refusal:
        load_settings()
    assert SECRET not in str(refusal.value)
    return refusal.value.problems


def names() -> set[str]:
    """List the names of every setting there is."""
    flat = {name for name in Settings.model_fields if name not in NESTED}
    nested = {f"{group}__{name}" for group, model in NESTED.items() for name in model.model_fields}
    return {f"ZHUFEN_{name}".upper() for name in flat | nested}


def example() -> dict[str, str]:
    text = EXAMPLE.read_text(encoding="utf-8")
    return dict(re.findall(r"^#?(ZHUFEN_\w+)=(.*)$", text, re.MULTILINE))


def test_nothing_given_is_a_working_configuration() -> None:
    settings = load_settings()

    assert (settings.host, settings.port, settings.data_dir) == ("127.0.0.1", 8000, Path("data"))
    assert not settings.wecom.is_configured
    assert not settings.dingtalk.is_configured
    assert settings.resolved_database_url == f"sqlite:///{Path('data/zhufen.db').resolve()}"


@pytest.mark.parametrize(
    "name", ["ZHUFEN_COLOUR", "ZHUFEN_WECOM__SECRT", "zhufen_colour", "ZHUFEN_WECOM"]
)
def test_unknown_names_are_refused_in_the_environment_and_in_the_file(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as environment:
        environment.setenv(name, SECRET)
        assert refused() == [f"{name} unknown"]

    (folder / ".env").write_text(f"{name}={SECRET}\n", encoding="utf-8")
    assert refused() == [f"{name} unknown"]


def test_the_file_is_read_and_the_environment_wins(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "ZHUFEN_PORT=8001\nZHUFEN_DINGTALK__MODE=http\nOTHER=1\n"
    (folder / ".env").write_text(text, encoding="utf-8")
    assert load_settings().port == 8001

    given(monkeypatch, PORT="8002")
    assert load_settings().port == 8002
    assert load_settings().dingtalk.mode == "http"


@pytest.mark.parametrize("left_out", WECOM)
def test_half_a_wecom_app_is_refused_by_what_is_missing(
    left_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, **{f"WECOM__{n}": v for n, v in WECOM.items() if n != left_out})
    assert refused() == [f"ZHUFEN_WECOM__{left_out} missing"]


@pytest.mark.parametrize("left_out", DINGTALK)
def test_half_a_dingtalk_app_is_refused_by_what_is_missing(
    left_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, **{f"DINGTALK__{n}": v for n, v in DINGTALK.items() if n != left_out})
    assert refused() == [f"ZHUFEN_DINGTALK__{left_out} missing"]


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("DINGTALK__EVENT_TOKEN", "ZHUFEN_DINGTALK__EVENT_AES_KEY"),
        ("DINGTALK__EVENT_AES_KEY", "ZHUFEN_DINGTALK__EVENT_TOKEN"),
        ("WECOM__KF_SECRET", "ZHUFEN_WECOM__KF_ID"),
    ],
)
def test_what_belongs_together_is_refused_alone(
    name: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, **{f"WECOM__{n}": v for n, v in WECOM.items()})
    given(monkeypatch, **{f"DINGTALK__{n}": v for n, v in DINGTALK.items()})
    assert load_settings().wecom.is_configured

    given(monkeypatch, **{name: SECRET})
    assert refused() == [f"{missing} missing"]


def test_a_groups_robot_and_other_addresses_need_no_app(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, WECOM__GROUP_WEBHOOK="https://example.org/send?key=1")
    given(monkeypatch, WECOM__API_BASE="https://example.org", DINGTALK__MODE="http")
    assert not load_settings().wecom.is_configured


@pytest.mark.parametrize("port", ["0", "65536", "-1", "web", "80.5"])
def test_a_wrong_port_is_refused_without_its_value(
    port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, PORT=port)
    (problem,) = refused()
    assert problem.startswith("ZHUFEN_PORT ")
    assert port not in problem


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe/Berlin", "../etc"])
def test_a_time_zone_we_do_not_support_is_refused(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, TIMEZONE=zone)
    assert refused() == ["ZHUFEN_TIMEZONE literal_error"]


def test_a_wrong_mode_or_agent_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, DINGTALK__MODE="pigeon", WECOM__AGENT_ID="app")
    assert {problem.split()[0] for problem in refused()} == {
        "ZHUFEN_DINGTALK__MODE",
        "ZHUFEN_WECOM__AGENT_ID",
    }


def test_the_example_names_every_setting_and_nothing_else() -> None:
    assert set(example()) == names()


def test_the_example_uncommented_as_it_stands_changes_nothing(folder: Path) -> None:
    before = load_settings()
    text = "\n".join(f"{name}={value}" for name, value in example().items())
    (folder / ".env").write_text(text, encoding="utf-8")
    assert load_settings() == before


def test_every_secret_is_kept_out_of_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        f"ZHUFEN_{group}__{name}".upper()
        for group, model in NESTED.items()
        for name, field in model.model_fields.items()
        if field.annotation is SecretStr
    }
    assert len(secrets) == 8
    assert {name for name in names() if re.search("SECRET|TOKEN|KEY|WEBHOOK", name)} == {
        *secrets,
        "ZHUFEN_SECRET_KEY",
    }
    given(monkeypatch, **{f"WECOM__{n}": v for n, v in WECOM.items()})
    for name in (*secrets, "ZHUFEN_SECRET_KEY"):
        monkeypatch.setenv(name, SECRET)
    given(monkeypatch, **{f"DINGTALK__{n}": v for n, v in DINGTALK.items()})
    given(monkeypatch, WECOM__KF_ID="wk1")
    settings = load_settings()
    assert settings.wecom.secret.get_secret_value() == SECRET
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert SECRET not in shown


def test_the_public_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PUBLIC_URL="https://example.org/")
    assert load_settings().public_url == "https://example.org"
