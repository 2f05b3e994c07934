"""Runs the steps of deploy/docker/Dockerfile without Docker: each stage in a Debian root of its own.

    python3 tools/image.py [--folder FOLDER]         # as root, on Debian, with debootstrap and Node

What a base image brings is stood in for: Debian's own Python for `python`, the host's Node for `node`.
Packages come from what the host's pip and npm find or have kept. Afterwards the image's command is started in
its root as the image's user, takes an event, answers and ends. Exits with 1 where a step fails.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = ROOT / "deploy" / "docker" / "Dockerfile"
CACHE = Path("~/.cache/eventlens-image").expanduser()
PACKAGES = "python3,python3-venv,ca-certificates"
START_SECONDS = 120


@dataclass
class Stage:
    """An image in the making: where it lies, and what is true of the next step."""

    root: Path
    directory: str = "/"
    environment: dict[str, str] = field(default_factory=dict[str, str])
    user: str = ""
    entrypoint: list[str] = field(default_factory=list[str])
    command: list[str] = field(default_factory=list[str])
    healthcheck: list[str] = field(default_factory=list[str])

    def run(self, words: list[str], **more: object) -> None:
        subprocess.run(self.words(words), check=True, env=self.environ(), **more)  # pyright: ignore[reportCallIssue, reportArgumentType]  # passed on

    def words(self, words: list[str]) -> list[str]:
        """A command line that runs a command inside."""
        user = ["--userspec", self.user] if self.user else []
        script = f"cd {shlex.quote(self.directory)} && exec {shlex.join(words)}"
        return ["chroot", *user, str(self.root), "/bin/sh", "-c", script]

    def environ(self) -> dict[str, str]:
        return {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/root", **self.environment}


def instructions(text: str) -> list[tuple[str, str]]:
    """(instruction, rest) of each line of a Dockerfile, continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    found = [line.strip().partition(" ") for line in joined.splitlines() if line.strip()]
    return [(name.upper(), rest.strip()) for name, _, rest in found]


class Builder:
    """Goes through a Dockerfile. `folder` takes the stages."""

    def __init__(self, folder: Path, base: Path, context: Path) -> None:
        self._folder = folder
        self._base = base
        self._context = context
        self.stages: dict[str, Stage] = {}
        self.stage: Stage | None = None

    def build(self, text: str) -> Stage:
        """The last stage."""
        for name, rest in instructions(text):
            began = time.monotonic()
            getattr(self, f"do_{name.lower()}", _ignored)(rest)
            print(f"{time.monotonic() - began:6.1f} s  {name} {rest[:90]}", flush=True)
        return self._here

    @property
    def _here(self) -> Stage:
        assert self.stage is not None, "FROM comes first"
        return self.stage

    def do_from(self, rest: str) -> None:
        words = [word for word in rest.split() if not word.startswith("--")]
        name = words[2] if len(words) > 2 else "last"
        root = self._folder / name
        subprocess.run(["cp", "--archive", str(self._base), str(root)], check=True)
        if words[0].startswith("node:"):
            _bring_node(root)
        self.stage = self.stages[name] = Stage(root)
        _bring_caches(self.stage)

    def do_workdir(self, rest: str) -> None:
        self._here.directory = rest
        self._inside(rest).mkdir(parents=True, exist_ok=True)

    def do_env(self, rest: str) -> None:
        for name, value in re.findall(r"(\w+)=(\S+)", rest):
            self._here.environment[name] = value.replace("$PATH", self._here.environ()["PATH"])

    def do_user(self, rest: str) -> None:
        self._here.user = rest

    def do_entrypoint(self, rest: str) -> None:
        self._here.entrypoint = json.loads(rest)

    def do_cmd(self, rest: str) -> None:
        self._here.command = json.loads(rest)

    def do_healthcheck(self, rest: str) -> None:
        self._here.healthcheck = json.loads(rest.partition("CMD ")[2])

    def do_run(self, rest: str) -> None:
        self._here.run(["/bin/sh", "-ec", rest])

    def do_copy(self, rest: str) -> None:
        words = rest.split()
        source_root = self._context
        if words[0].startswith("--from="):
            source_root = self.stages[words.pop(0).partition("=")[2]].root
        *sources, target = words
        place = self._inside(target)
        for source in sources:
            found = source_root / source.lstrip("/")
            if found.is_dir():  # its content, as Docker does
                shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True)
            elif target.endswith("/") or len(sources) > 1:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, place)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, place)

    def _inside(self, path: str) -> Path:
        stage = self._here
        whole = path if path.startswith("/") else f"{stage.directory}/{path}"
        return stage.root / whole.lstrip("/")


def _ignored(_: str) -> None:
    """What says nothing of the files: labels, ports, volumes, signals, arguments."""


def context_of(folder: Path) -> Path:
    """What Docker would be sent: the files that .dockerignore lets in, of those that git knows."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = tuple(line[1:] for line in lines if line.startswith("!"))
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in names.decode().split("\0"):
        if name and (name in let_in or name.startswith(tuple(f"{each}/" for each in let_in))):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    return folder


def _base(cache: Path) -> Path:
    """A fresh Debian, made once."""
    base = cache / "bookworm"
    if not base.exists():
        cache.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=cache))
        words = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(draft)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        draft.chmod(0o755)
        draft.rename(base)
    return base


def _bring_node(root: Path) -> None:
    """The host's Node and npm, and the libraries that it wants."""
    node = Path(shutil.which("node") or "/usr/bin/node").resolve()
    shutil.copy2(node, root / "usr" / "bin" / "node")
    for line in subprocess.run(["ldd", str(node)], check=True, capture_output=True, text=True).stdout.split():
        if line.startswith("/") and not (root / line[1:]).exists():
            (root / line[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(line, root / line[1:])
    npm = Path(shutil.which("npm") or "/usr/bin/npm").resolve().parents[1]
    shutil.copytree(npm, root / "usr" / "lib" / "npm", symlinks=True)
    (root / "usr" / "bin" / "npm").write_text('#!/bin/sh\nexec node /usr/lib/npm/bin/npm-cli.js "$@"\n')
    (root / "usr" / "bin" / "npm").chmod(0o755)


def _bring_caches(stage: Stage) -> None:
    """Packages that the host can get, so that a root needs no way out."""
    wheels = CACHE / "wheels"
    (stage.root / "wheels").symlink_to("/nowhere") if not wheels.exists() else shutil.copytree(
        wheels, stage.root / "wheels", copy_function=os.link
    )
    kept = Path("~/.npm/_cacache").expanduser()
    if kept.exists() and (stage.root / "usr" / "bin" / "npm").exists():
        shutil.copytree(kept, stage.root / "npm" / "_cacache")
    stage.environment |= {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": "/wheels",
        "npm_config_cache": "/npm",
        "npm_config_offline": "true",
    }


def _fetch_wheels() -> None:
    """What the lock names, as the host's pip finds it."""
    words = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"]
    words += ["--require-hashes", "-r", str(ROOT / "requirements" / "runtime.txt")]
    subprocess.run([*words, "--dest", str(CACHE / "wheels")], check=True)


def answers(stage: Stage, port: int) -> None:
    """Start the image's command as its user, send an event, see it counted, end it in order."""
    stage.environment |= {"PORT": str(port), "HOST": "127.0.0.1", "LOG_LEVEL": "warning"}
    words = stage.words([*stage.entrypoint, *stage.command])
    mounts = [("proc", "proc"), ("tmpfs", "dev/shm")]
    for kind, where in mounts:
        (stage.root / where).mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", kind, kind, str(stage.root / where)], check=True)
    process = subprocess.Popen(words, env=stage.environ())
    try:
        _await_ready(process, port)
        stage.run(stage.healthcheck)
        stage.run([*stage.entrypoint, "check"], stdout=subprocess.DEVNULL)
        made = subprocess.run(
            stage.words([*stage.entrypoint, "project", "create", "Image", "--json"]),
            env=stage.environ(), check=True, capture_output=True,
        )  # fmt: skip  # one call
        project = json.loads(made.stdout)
        clients = {client["type"]: client for client in project["clients"]}
        event = {"type": "track", "payload": {"name": "screen_view", "deviceId": "d", "path": "/"}}
        print(_asked(port, "/track", clients["write"], event))
        deadline = time.monotonic() + 30
        while (
            _asked(port, f"/insights/{project['project_id']}/metrics", clients["read"])["data"][
                "total_events"
            ]
            != 1
        ):
            if time.monotonic() > deadline:
                raise SystemExit("the event is not counted")
            time.sleep(0.2)
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=10).read()  # loopback
        if b"<script" not in page:
            raise SystemExit("there is no dashboard")
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(60)
        for _, where in reversed(mounts):
            subprocess.run(["umount", "--lazy", str(stage.root / where)], check=True)
    if status != 0:
        raise SystemExit(f"it ended with {status}")


def _await_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/ready", timeout=5).close()  # loopback
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("it does not get ready")


def _asked(port: int, path: str, client: dict[str, str], body: object = None) -> dict[str, dict[str, object]]:
    headers = {
        "content-type": "application/json",
        "event-lens-client-id": client["id"],
        "event-lens-client-secret": client["secret"],
    }
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers)  # loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # loopback
        return json.loads(answer.read())


def main() -> None:
    """Build, measure, run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, help="where stages are made (a temporary one)")
    parser.add_argument("--port", type=int, default=3902)
    asked = parser.parse_args()
    began = time.monotonic()
    CACHE.mkdir(parents=True, exist_ok=True)
    base = _base(CACHE)
    _fetch_wheels()
    print(f"{time.monotonic() - began:6.1f} s  a fresh Debian, and the lock's packages", flush=True)
    folder = Path(tempfile.mkdtemp(dir=asked.folder or CACHE))
    try:
        context = context_of(folder / "context")
        stage = Builder(folder, base, context).build(DOCKERFILE.read_text())
        size = int(
            subprocess.run(
                ["du", "-sb", str(stage.root / "app")], check=True, capture_output=True
            ).stdout.split()[0]
        )
        print(f"/app is {size / 1e6:.0f} MB")
        answers(stage, asked.port)
        print(f"{time.monotonic() - began:6.1f} s  it was built, answers and ends in order")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
