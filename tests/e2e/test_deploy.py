"""What deploy/ holds can be read by the programs it is for, and gives away no more than it must."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml

from db import servers
from db.conftest import postgres
from troth.cli.main import app

__all__ = ["postgres"]
DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("troth-*.*"))
SERVICES = ("troth-web.service", "troth-worker.service")
MOST_EXPOSED = 2.0
"""On the scale of systemd-analyze security: 10 is no protection at all."""


@pytest.fixture
def analyze() -> str:
    """Return systemd's own check; skip where it is not installed."""
    return shutil.which("systemd-analyze") or pytest.skip("systemd-analyze is not installed")


def test_systemd_takes_the_units(analyze: str, tmp_path: Path) -> None:
    """With a program that is there, the check finds nothing to say."""
    for unit in UNITS:
        text = unit.read_text().replace("/opt/troth/bin/troth", sys.executable)
        (tmp_path / unit.name).write_text(text)
    copies = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        [analyze, "verify", "--man=no", *copies], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "troth" in line and "network-online" not in line]
    assert said == []


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_the_services_well_guarded(analyze: str, name: str) -> None:
    """What may be taken from them is taken."""
    command = [analyze, "security", "--offline=true", "--no-pager", str(DEPLOY / "systemd" / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    if found is None:
        pytest.skip("this systemd-analyze cannot look at files")
    assert float(found[1]) < MOST_EXPOSED


def commands() -> set[str]:
    """Return the names of Troth's commands and their options."""
    made = typer.main.get_command(app)
    return {
        f"{name} {option}" for name, one in made.commands.items() for p in one.params for option in p.opts
    }


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".service"], ids=lambda one: one.name)
def test_units_give_commands_that_are_there(unit: Path) -> None:
    """Every option of the command line is one of its command's."""
    line = re.search(r"^ExecStart=/opt/troth/bin/troth (\S+)(.*)$", unit.read_text(), re.M)
    assert line
    assert {f"{line[1]} {option}" for option in re.findall(r"--[a-z-]+", line[2])} <= commands()


def test_the_composition_is_closed() -> None:
    """Nothing is written but to volumes, nothing may be gained, and only the port for the proxy is open."""
    made = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    for name in ("web", "worker"):
        one = made["services"][name]
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])
        assert "no-new-privileges:true" in one["security_opt"]
        assert "./project:/project:ro" in one["volumes"]
    assert made["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert "ports" not in made["services"]["ledger"]
    named = {
        volume.partition(":")[0] for one in made["services"].values() for volume in one.get("volumes", ())
    }
    assert {volume for volume in named if not volume.startswith(".")} == set(made["volumes"])


def test_the_image_runs_as_nobody_in_particular() -> None:
    """Two stages, and the last one ends as a user without rights; it holds no compiler and no source."""
    text = (DEPLOY / "Containerfile").read_text()
    last = text[text.rindex("\nFROM ") :]
    assert text.count("\nFROM ") == 2
    assert re.search(r"^USER 10001:10001$", last, re.M)
    assert "COPY src" not in last
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M)
    assert all((DEPLOY.parent / name).exists() for line in copied for name in line.split())


def test_postgresql_takes_its_settings(postgres: servers.Server) -> None:
    """A real server reads the file, and nothing that keeps the ledger whole is off."""
    config = DEPLOY / "postgresql" / "troth.conf"
    copy = Path(postgres.home) / "troth.conf"
    shutil.copy(config, copy)
    copy.chmod(0o644)
    user = "postgres" if os.geteuid() == 0 else None
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        command = [f"{postgres.bin}/postgres", "-D", str(postgres.data), f"--config-file={copy}", "-C", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, user=user, cwd="/")
        assert (done.returncode, done.stdout.strip()) == (0, "on"), done.stderr


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_proxies_keep_to_what_the_desk_expects(name: str) -> None:
    """They pass the visitor's address and the scheme on, keep numbers to themselves, and log no secret path."""
    text = (DEPLOY / "proxy" / name).read_text()
    assert text.count("{") == text.count("}")
    assert "X-Forwarded-For" in text
    assert "X-Forwarded-Proto" in text
    assert "/metrics" in text
    assert "access_log" not in text or "access_log off" in text


def test_no_secret_is_brought_along() -> None:
    """Every password in an example says that it must be changed."""
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            found = re.findall(r"://[^:/\s]+:([^@\s]+)@", path.read_text())
            assert set(found) <= {"change-me"}, path
