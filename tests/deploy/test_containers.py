"""The image and the compose file, checked without a container engine."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from tests.support.command import SECONDS, Command, address_of
from tests.support.following import until

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]

# The public settings; a name used in deploy/ that is not among them would silently do nothing.
SETTINGS = {
    "COUNTERMAND_AUTH",
    "COUNTERMAND_DATABASE_URL",
    "COUNTERMAND_DATA_DIR",
    "COUNTERMAND_HTTP_BIND",
    "COUNTERMAND_KAFKA_BOOTSTRAP_SERVERS",
    "COUNTERMAND_OIDC_AUDIENCE",
    "COUNTERMAND_OIDC_CLIENT_ID",
    "COUNTERMAND_OIDC_CLIENT_SECRET",
    "COUNTERMAND_OIDC_ISSUER",
    "COUNTERMAND_OIDC_ROLE_CLAIM",
    "COUNTERMAND_PARTITIONS",
    "COUNTERMAND_PUBLIC_URL",
    "COUNTERMAND_SESSION_SECRET",
    "COUNTERMAND_TOPIC_PREFIX",
}


def instructions(name: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{name} +(.*)$", joined, re.MULTILINE)


def hadolint(dockerfile: Path) -> tuple[int, str]:
    command = [Path(sys.executable).with_name("hadolint"), dockerfile]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


# ---------------------------------------------------------------- the image


def test_the_dockerfile_passes_hadolint() -> None:
    assert hadolint(DEPLOY / "Dockerfile") == (0, "")


def test_hadolint_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text(DOCKERFILE.replace("--no-cache-dir ", ""))
    code, findings = hadolint(wrong)
    assert code == 1
    assert "DL3042" in findings


def test_the_image_runs_as_a_numbered_user_that_is_not_root() -> None:
    last_stage = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    users = re.findall(r"^USER +(\d+):(\d+)$", last_stage, re.MULTILINE)
    assert users, "no numeric USER in the last stage"
    assert all(int(number) > 0 for number in users[-1])


def test_every_base_image_is_pinned_to_a_patch_release() -> None:
    pinned = r"python:3\.11\.\d+-slim-bookworm\b"
    assert all(re.match(pinned, image) for image in instructions("FROM"))


def test_dependencies_are_installed_by_hash_and_the_project_without_any() -> None:
    commands = [part for line in instructions("RUN") for part in line.split("&&") if "pip " in part]
    dependencies, tools, wheel, project, _ = commands
    assert "--require-hashes" in dependencies
    assert "-r requirements.txt" in dependencies
    assert "--require-hashes" in tools
    assert "-r requirements-build.txt" in tools
    assert "--no-deps --no-build-isolation" in wheel
    assert "--no-deps /opt/wheels/" in project


def test_the_image_is_the_command() -> None:
    assert instructions("ENTRYPOINT") == ['["countermand"]']
    assert instructions("CMD") == ['["run"]']
    assert instructions("HEALTHCHECK")[0].endswith('CMD ["countermand", "status", "--alive"]')


def test_every_package_of_the_wheel_is_copied() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(packages) <= {line.split()[0] for line in instructions("COPY")}


# ---------------------------------------------------------------- the compose file


def test_the_compose_file_is_valid() -> None:
    schema = json.loads(Path(__file__).with_name("compose-spec.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(COMPOSE)


def test_the_schema_refuses_a_misspelt_word() -> None:
    schema = json.loads(Path(__file__).with_name("compose-spec.schema.json").read_text())
    wrong = COMPOSE | {"services": {"kafka": {"image": "x", "mem_limits": "1g"}}}
    assert not jsonschema.Draft7Validator(schema).is_valid(wrong)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_locked_down(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert name == "serve" or "ports" not in service
    assert "privileged" not in service
    assert "healthcheck" in service or "build" in service  # our own image brings its check


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned(name: str) -> None:
    assert re.search(r":(?!latest)[\w.-]+$", SERVICES[name]["image"])


def test_roles_wait_for_the_topics_and_the_topics_for_kafka() -> None:
    assert SERVICES["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    for role in ("ingest", "process", "project", "publish", "serve"):
        assert SERVICES[role]["command"] == ["run", "--role", role]
        assert SERVICES[role]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "topics": {"condition": "service_completed_successfully"},
        }
    assert SERVICES["ingest"]["scale"] == 2


def test_pages_are_published_on_loopback_and_only_to_callers_who_are_known() -> None:
    """And they alone get out, to the keys of the identity provider."""
    serve = SERVICES["serve"]
    assert serve["ports"] == ["127.0.0.1:${HTTP_PORT:-8080}:8080"]
    assert serve["networks"] == ["inside", "outside"]
    assert COMPOSE["networks"] == {"inside": {"internal": True}, "outside": None}
    environment = serve["environment"]
    assert (environment["COUNTERMAND_AUTH"], environment["COUNTERMAND_HTTP_BIND"]) == (
        "oidc",
        "0.0.0.0:8080",
    )
    for name in ("OIDC_ISSUER", "OIDC_AUDIENCE"):
        assert re.fullmatch(rf"\$\{{{name}:\?[^}}]+\}}", environment[f"COUNTERMAND_{name}"])
    others = [one for name, one in SERVICES.items() if name != "serve"]
    assert all(one["networks"] == ["inside"] for one in others)


def test_serve_starts_as_it_is_set_and_its_health_check_finds_it(
    postgres_url: str, tmp_path: Path
) -> None:
    """With what has to be set, on a free port; what need not be set is empty, as compose has it."""
    serve = SERVICES["serve"]
    environment = {
        **{name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
           for name, value in serve["environment"].items()},
        "COUNTERMAND_OIDC_ISSUER": "https://id.example",
        "COUNTERMAND_OIDC_AUDIENCE": "countermand",
        "COUNTERMAND_HTTP_BIND": "0.0.0.0:0",
        "COUNTERMAND_DATABASE_URL": postgres_url,
    }  # fmt: skip
    countermand = Command(tmp_path)
    countermand.environment |= environment
    with countermand.start(*serve["command"]) as serving:
        base = address_of(serving).replace("0.0.0.0", "127.0.0.1")  # noqa: S104  # it is set so
        _, _, *check = serve["healthcheck"]["test"]
        program = check[-1].replace("http://127.0.0.1:8080", base)
        asked = [sys.executable, "-c", program]
        until(lambda: subprocess.run(asked, check=False).returncode == 0)
        unknown = httpx.get(f"{base}/api/v1/orders/A-1", timeout=SECONDS).status_code
        serving.terminate()
        serving.communicate(timeout=SECONDS)
        gone = subprocess.run(asked, check=False, capture_output=True)

    assert unknown == 401
    assert gone.returncode == 1


def test_there_is_no_default_password() -> None:
    passwords = {
        value
        for service in SERVICES.values()
        for key, value in service["environment"].items()
        if "PASSWORD" in key
    }
    assert passwords
    assert all(re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", value) for value in passwords)
    addresses = re.findall(r"://[^/\s]*@", (DEPLOY / "compose.yaml").read_text())
    assert not any(":" in address.removeprefix("://") for address in addresses)


def test_kafka_has_the_settings_of_the_local_broker_where_both_name_one() -> None:
    lines = (DEPLOY / "kafka" / "server.properties").read_text().splitlines()
    local = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    ours = {
        key.removeprefix("KAFKA_").replace("_", ".").lower(): value
        for key, value in SERVICES["kafka"]["environment"].items()
    }
    both = ours.keys() & local.keys()
    assert {"auto.create.topics.enable", "message.max.bytes"} <= both
    assert {key: ours[key] for key in both} == {key: local[key] for key in both}


# ---------------------------------------------------------------- both


def test_every_setting_used_is_a_public_one() -> None:
    used = {
        name
        for path in DEPLOY.rglob("*")
        if path.is_file() and not {"libs", "libs.part", "data"} & set(path.parts)
        for name in re.findall(r"COUNTERMAND_[A-Z_]+", path.read_text(errors="replace"))
    }
    # Not the service's, and so no setting: where the tests find their browser.
    assert used - {"COUNTERMAND_TEST_CHROMIUM"} <= SETTINGS
    assert used & SETTINGS
