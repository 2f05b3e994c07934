"""What lies in deploy/ is understood by the programs that it is for, and names only what exists."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from eventlens import __version__, settings
from tests.support.snippets import blocks

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
RUNS = IMAGE, INSTALL = blocks("docs/operate/containers.md", "sh")
COMPOSE = DEPLOY / "compose"
CHART = DEPLOY / "helm" / "event-lens"

SECRETS = {
    "secretKey": "k" * 32,
    "redisUrl": "redis://:p@redis:6379/0",
    "clickhouseUrl": "http://u:p@clickhouse:8123/eventlens",
    "databaseUrl": "postgresql://u:p@postgresql/eventlens",
}
EVERYTHING = {
    "secrets": SECRETS,
    "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "tls", "annotations": {"a": "b"}},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "prometheusRule": {"enabled": True},
    "dashboard": {"enabled": True},
    "imagePullSecrets": [{"name": "registry"}],
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "nodeSelector": {"a": "b"},
    "podAnnotations": {"a": "b"},
}
SETUPS: dict[str, dict[str, Any]] = {
    "usual": {"secrets": SECRETS},
    "everything": EVERYTHING,
    "one": {"mode": "one"},
    "own secret, fixed": {
        "existingSecret": "mine",
        "api": {"autoscaling": {"enabled": False}},
        "worker": {"autoscaling": {"enabled": False}},
    },
    "no queue metric": {
        "secrets": SECRETS,
        "worker": {"autoscaling": {"enabled": True, "queue": {"enabled": False}}},
    },
}


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.mark.parametrize("files", [("one.yml",), ("cluster.yml",), ("cluster.yml", "postgresql.yml")])
def test_compose_understands_its_files(files: tuple[str, ...], tmp_path: Path):
    program = _program("docker-compose")
    example = (COMPOSE / "cluster.env.example").read_text()
    filled = tmp_path / "env"
    filled.write_text(re.sub(r"^(\w+)=$", r"\1=" + "x" * 32, example, flags=re.MULTILINE))
    words = [program, "--env-file", str(filled), "--project-directory", str(COMPOSE)]
    for file in files:
        words += ["-f", str(COMPOSE / file)]
    done = subprocess.run([*words, "config"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    told = yaml.safe_load(done.stdout)
    for name, service in told["services"].items():
        assert not service["image"].endswith(":latest") or service["image"] == "event-lens:latest", name
        for setting in service.get("environment", {}) if "event-lens" in service["image"] else {}:
            assert setting in settings.NAMES, (name, setting)
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert not source.startswith("/") or Path(source).exists(), source
    if "cluster.yml" not in files:
        return
    worker, redis = told["services"]["worker"], told["services"]["redis"]
    assert worker["environment"]["EVENTLENS_METRICS_PORT"] == "3003"
    read = settings.Settings.load(worker["environment"], tmp_path)
    assert read.redis_url
    assert read.clickhouse_url
    assert ("postgresql" in read.database_url) == ("postgresql.yml" in files)
    assert "--appendonly yes --appendfsync always" in " ".join(redis["command"].split())


def test_compose_asks_for_secrets_that_are_missing(tmp_path: Path):
    program = _program("docker-compose")
    (tmp_path / "env").write_text("EVENTLENS_BASE_URL=https://lens.example.com\n")
    words = [program, "--env-file", str(tmp_path / "env"), "-f", str(COMPOSE / "cluster.yml"), "config"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "EVENTLENS_SECRET_KEY" in done.stderr


def test_nginx_understands_its_file(tmp_path: Path):
    program = _program("nginx")
    words = [program, "-t", "-q", "-c", str(COMPOSE / "nginx.conf"), "-g", f"pid {tmp_path / 'pid'};"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def test_prometheus_understands_its_files(tmp_path: Path):
    program = _program("promtool")
    prometheus = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
    local = prometheus.replace("/etc/prometheus/", f"{DEPLOY}/prometheus/")
    (tmp_path / "prometheus.yml").write_text(local)
    words = [program, "check", "config", str(tmp_path / "prometheus.yml")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rules found" in done.stdout


def test_every_alert_leads_to_its_section():
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    headings = re.findall(r"^## (.+)$", (ROOT / "docs/operate/incidents.md").read_text(), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    for rule in alerts["groups"][0]["rules"]:
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert page == "docs/operate/incidents.md"
        assert anchor in anchors, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def _rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
    helm = pytest.importorskip("helm_python", reason="helm-python-sdk is not installed")
    with helm.Chart.load(str(CHART)) as chart:
        chart.validate_schema(values)
        texts = chart.render(values, name="lens", namespace="here")
    objects = [
        one
        for name, text in texts.items()
        if not name.endswith(".txt")
        for one in yaml.safe_load_all(text)
        if one
    ]
    assert len(objects) >= 4
    return objects


@pytest.mark.parametrize("setup", SETUPS)
def test_the_chart_renders_what_kubernetes_knows(setup: str):
    schemas = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    objects = _rendered(SETUPS[setup])
    for one in objects:
        if not one["apiVersion"].startswith("monitoring.coreos.com/"):  # the operator's own kinds
            for version in ("1.27", schemas.latest_version()):
                schemas.validate(one, version, strict=True)
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(names) == len(set(names))


def test_what_the_page_says_to_install_is_a_chart():
    words = shlex.split(INSTALL.text.replace("\\\n", " ").replace("$(openssl rand -hex 32)", "k" * 32))
    assert words[:4] == ["helm", "install", "lens", str(CHART.relative_to(ROOT))]
    assert set(words[4::2]) == {"--set"}
    values: dict[str, Any] = {}
    for path, _, value in (each.partition("=") for each in words[5::2]):
        *rooms, name = path.split(".")
        place = values
        for room in rooms:
            place = place.setdefault(room, {})
        place[name] = True if value == "true" else value
    assert set(values["settings"]) <= {row.name for row in settings.TABLE.values()}
    assert {one["kind"] for one in _rendered(values)} >= {"Deployment", "Secret", "Ingress"}


def test_what_the_page_says_of_the_image_is_in_its_file():
    build, run, logs = (shlex.split(line, comments=True) for line in IMAGE.text.splitlines())
    file = (ROOT / build[build.index("-f") + 1]).read_text()
    assert (build[:2], build[-3:]) == (["docker", "build"], ["-t", run[-1], "."])
    assert run[run.index("-p") + 1].rpartition(":")[2] in re.findall(r"EXPOSE (\d+)", file)
    assert run[run.index("-v") + 1].rpartition(":")[2] in re.findall(r"VOLUME (\S+)", file)
    assert logs == ["docker", "logs", run[run.index("--name") + 1]]


def test_the_chart_has_no_fault_that_helm_finds():
    helm = pytest.importorskip("helm_python", reason="helm-python-sdk is not installed")
    found = helm.lint(str(CHART))
    assert found["errors"] == []
    assert [each for each in found["messages"] if each["severity"] > 1] == []
    with helm.Chart.load(str(CHART)) as chart:
        assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == __version__
        for wrong in ({"mode": "two"}, {"api": {"replica": 1}}, {"settings": {"lower": "1"}}):
            with pytest.raises(helm.HelmError):
                chart.validate_schema({"secrets": SECRETS, **wrong})


def test_the_chart_s_parts_fit_together(tmp_path: Path):
    objects = _rendered(EVERYTHING)
    by = {(one["kind"], one["metadata"]["name"]): one for one in objects}
    name = "lens-event-lens"
    service = by["Service", name]
    for kind in ("api", "worker"):
        pod = by["Deployment", f"{name}-{kind}"]["spec"]["template"]
        budget = by["PodDisruptionBudget", f"{name}-{kind}"]["spec"]["selector"]["matchLabels"]
        assert budget.items() <= pod["metadata"]["labels"].items()
        container = pod["spec"]["containers"][0]
        ports = {port["name"] for port in container["ports"]}
        probes = [container[each] for each in container if each.endswith("Probe")]
        assert {probe["httpGet"]["port"] for probe in probes} <= ports
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        refs = [ref for each in container["envFrom"] for ref in each.values()]
        assert {ref["name"] for ref in refs} == {name}
        scaled = by["HorizontalPodAutoscaler", f"{name}-{kind}"]["spec"]
        assert scaled["scaleTargetRef"]["name"] == f"{name}-{kind}"
        said = {**by["ConfigMap", name]["data"], **by["Secret", name]["stringData"]}
        said |= {each["name"]: each["value"] for each in container.get("env", ())}
        assert settings.Settings.load(said, tmp_path).redis_url == SECRETS["redisUrl"]
    metrics = [each["type"] for each in by["HorizontalPodAutoscaler", f"{name}-worker"]["spec"]["metrics"]]
    assert metrics == ["Resource", "External"]
    api = by["Deployment", f"{name}-api"]["spec"]["template"]["metadata"]["labels"]
    worker = by["Deployment", f"{name}-worker"]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= api.items()
    assert not service["spec"]["selector"].items() <= worker.items()
    assert len(by["PrometheusRule", name]["spec"]["groups"][0]["rules"]) > 10
    assert json.loads(by["ConfigMap", f"{name}-dashboard"]["data"]["eventlens.json"])["uid"] == "eventlens"
