"""The container image and the compose file, as far as they can be tried without a container engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import request

from engine.assembly import Redress
from engine.config import load
from tests.architecture.sources import ROOT, files
from tests.frame.containerfile import Builder, Stage, read
from tests.ports import free_port
from web import create_app

STAGES = read((ROOT / "Dockerfile").read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def environment(stage: Stage) -> dict[str, str]:
    pairs = " ".join(rest for instruction, rest in stage.steps if instruction == "ENV")
    return dict(re.findall(r"(\w+)=(\S+)", pairs))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that stands for the last stage's `/`."""
    kept = tuple(name for name in files() if not name.startswith("web/static/build/"))
    builder = Builder(ROOT, kept, tmp_path_factory.mktemp("image"), sys.executable)
    for stage in STAGES:
        builder.run(stage)
    # Programs of a virtual environment name its place: in the image both stages have it at /opt/redress.
    for program in (builder.root("run") / "opt/redress/bin").iterdir():
        if program.is_file() and not program.is_symlink():
            text = program.read_bytes()
            program.write_bytes(text.replace(bytes(builder.root("packages")), bytes(builder.root("run"))))
    return builder.root("run")


@contextmanager
def running(command: list[str | Path], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=env)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_the_image_serves_without_sources_node_or_network(image: Path, tmp_path: Path) -> None:
    port = str(free_port())
    program = image / "opt/redress/bin/redress"
    env = environment(STAGES[-1]) | {
        "PATH": f"{program.parent}:{os.defpath}",
        "REDRESS_DATA_DIR": str(tmp_path / "data"),
        "REDRESS_MASTER_KEY_FILE": str(tmp_path / "keys/master.key"),
        "REDRESS_SECRET_KEY": "a-secret-of-the-test-that-is-long-enough",
        "PORT": port,
    }
    models = [image / "opt/models/processes", image / "opt/models/forms"]
    subprocess.run([program, "init"], env=env, check=True)
    subprocess.run([program, "deploy", *models, "--note", "image start"], env=env, check=True)
    with running([program, "serve"], env) as process:
        assert wait_for(f"http://127.0.0.1:{port}/healthz", process) == 200


def wait_for(url: str, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return int(answer.status)
        except OSError:
            time.sleep(0.1)
    return 0


def test_the_wheel_brings_the_browser_bundle_and_no_sources_of_it(image: Path) -> None:
    (web,) = image.glob("opt/redress/lib/python*/site-packages/web")
    assert (web / "static/build/manifest.json").is_file()
    assert list(web.glob("static/build/form-*.js"))
    assert not (web / "frontend").exists()


def test_the_wheel_brings_every_file_of_the_packages(image: Path) -> None:
    (installed,) = image.glob("opt/redress/lib/python*/site-packages")
    packaged = [name for name in files() if name.startswith(("engine/", "web/")) and "/frontend/" not in name]
    assert [name for name in packaged if not (installed / name).is_file()] == []


def test_the_image_brings_what_backups_and_letters_need() -> None:
    base = re.search(r"(?m)^ARG PYTHON=\S+-slim-(\w+)$", (ROOT / "Dockerfile").read_text())
    assert base
    installed = next(rest for instruction, rest in STAGES[-1].steps if "apt-get install" in rest)
    # pg_dump refuses a server newer than itself: the client is that of the base's Debian.
    client = {"bookworm": 15, "trixie": 17}[base[1]]
    server = int(re.findall(r"^postgres:(\d+)", COMPOSE["services"]["database"]["image"])[0])
    assert {"postgresql-client", "fonts-noto-cjk"} <= set(installed.split())
    assert client >= server


def test_the_image_runs_as_a_user_without_rights() -> None:
    steps = dict(STAGES[-1].steps)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", steps["USER"])
    assert "HEALTHCHECK" in steps


def test_the_compose_file_refers_only_to_what_there_is() -> None:
    services = COMPOSE["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, f"{name} depends on {other}"
            if how["condition"] == "service_healthy":
                assert "test" in services[other]["healthcheck"]
            if how["condition"] == "service_completed_successfully":
                assert services[other]["restart"] == "no"
        for mount in service.get("volumes", []):
            assert mount.split(":")[0] in COMPOSE["volumes"], f"{name} mounts {mount}"


def test_the_database_is_migrated_before_anything_serves() -> None:
    services = COMPOSE["services"]
    assert {name for name in services if "migrate" in services[name].get("depends_on", {})} == {
        "web",
        "worker",
    }
    assert list(services["migrate"]["depends_on"]) == ["database"]


def test_every_setting_reaches_the_containers_and_the_example_shows_it_without_a_secret() -> None:
    table = (ROOT / "README.md").read_text().partition("## Settings")[2].partition("\n## ")[0]
    settings = {
        name for row in re.findall(r"(?m)^\|([^|]*)\|", table) for name in re.findall(r"`(\w+)`", row)
    }
    shown = dict(re.findall(r"(?m)^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text()))
    ours, fixed = COMPOSE["x-redress"], environment(STAGES[-1]) | COMPOSE["x-redress"]["environment"]
    assert settings - set(fixed) == set(shown) & settings - set(fixed) | {
        "REDRESS_CLOCK"
    }  # not in production
    assert {COMPOSE["services"][name]["env_file"] for name in ("migrate", "web", "worker")} == {".env"}
    assert ours["environment"]["PORT"] == int(environment(STAGES[-1])["PORT"])  # not the published one
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked <= set(shown) <= settings | asked
    secrets = [text for name, text in shown.items() if name.endswith(("_PASSWORD", "_KEY", "_SECRET"))]
    assert set(secrets) == {""}
    assert load(dict.fromkeys(settings, "")) == load({})
    given = {name: text for name, text in shown.items() if text and name.startswith("REDRESS_")}
    load(
        given
        | {"REDRESS_OIDC_CLIENT_ID": "x", "REDRESS_OIDC_CLIENT_SECRET": "x", "REDRESS_SMS_SECRET": "x" * 32}
    )


@pytest.mark.parametrize("redress", ["sqlite"], indirect=True)
def test_behind_both_proxies_the_caller_and_the_scheme_are_those_of_the_browser(redress: Redress) -> None:
    count = int(re.findall(r"(?m)^REDRESS_PROXIES=(\d)$", (ROOT / ".env.example").read_text())[0])
    app = create_app(replace(redress, config=replace(redress.config, proxies=count)))
    seen: list[tuple[str | None, str]] = []
    app.before_request(lambda: seen.append((request.remote_addr, request.scheme)))
    sent = {"X-Forwarded-For": "6.6.6.6, 192.0.2.7, 10.0.0.1", "X-Forwarded-Proto": "https,http"}
    app.test_client().get("/healthz", headers=sent)
    assert seen == [("192.0.2.7", "https")]
    gateway = COMPOSE["configs"]["gateway"]["content"]
    assert "option forwardfor" in gateway
    assert 'set-header X-Forwarded-Proto "%[req.hdr(X-Forwarded-Proto)],http"' in gateway


def test_any_number_of_web_and_worker_containers_serve_behind_one_address() -> None:
    services = COMPOSE["services"]
    scaled = {name: services[name]["deploy"]["replicas"] for name in services if "deploy" in services[name]}
    assert scaled == {
        "web": "${WEB_CONTAINERS:-2}",
        "worker": "${WORKER_CONTAINERS:-2}",
    }
    assert [name for name in services if "ports" in services[name]] == ["gateway"]
    assert not any("container_name" in service for service in services.values())
    gateway = COMPOSE["configs"]["gateway"]["content"]
    assert f"server-template web 10 web:{environment(STAGES[-1])['PORT']} check" in gateway
    assert "GET /healthz" in gateway
    example = dict(re.findall(r"(?m)^(W\w+)=(.*)$", (ROOT / ".env.example").read_text()))
    assert example == {"WEB_CONTAINERS": "2", "WORKER_CONTAINERS": "2"}


def test_the_health_check_of_a_worker_looks_at_that_worker_alone(tmp_path: Path) -> None:
    worker = COMPOSE["services"]["worker"]
    beat = worker["command"][worker["command"].index("--beat") + 1]
    kind, check = worker["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    assert Path(beat).parent == Path(COMPOSE["x-redress"]["tmpfs"][0])  # each container's own
    file = tmp_path / "worker.alive"
    script = check.replace("$$", "$").replace(beat, str(file))
    assert subprocess.run(["sh", "-c", script], check=False, capture_output=True).returncode != 0
    file.touch()
    assert subprocess.run(["sh", "-c", script], check=False).returncode == 0
    os.utime(file, (time.time() - 180,) * 2)
    assert subprocess.run(["sh", "-c", script], check=False).returncode != 0


def test_the_volumes_are_where_the_image_keeps_its_data() -> None:
    env = environment(STAGES[-1])
    mounted = {mount.split(":")[1] for mount in COMPOSE["services"]["web"]["volumes"]}
    assert mounted == {env["REDRESS_DATA_DIR"], str(Path(env["REDRESS_MASTER_KEY_FILE"]).parent)}
