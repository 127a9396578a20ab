"""Fuzzes the API of a real server over HTTP, as its own document describes it (rules.md §16).

Schemathesis makes requests from the document, right ones and wrong ones, and sequences of them. No answer may
be a 5xx, have a status or a content type that the document does not name, or a body that is not of the
documented shape; a refused token must be refused everywhere; what was deleted must be gone. At the end the
server must still be the same process, answer, and stop cleanly.

No operation is left out. Entrypoints of artifacts are commands that the server runs, so it gets a PATH where no
command can be found: made-up words then start nothing on this machine.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TOKEN = "fuzz-token-of-admin-0000000000000000"
START_SECONDS = 60
STOP_SECONDS = 90

ARTIFACT = {
    "name": "demo",
    "spec": {
        "containerGroups": [
            {
                "containers": [
                    {
                        "imageUri": "handover/demo:1.0",
                        "port": 8080,
                        "readinessProbe": {
                            "path": "/healthz",
                            "initialDelaySeconds": 0,
                            "periodSeconds": 1,
                        },
                    }
                ]
            }
        ]
    },
}


class Server:
    """The real binary on a folder and a port of its own."""

    def __init__(self, binary, folder):
        self.written = folder / "server.log"
        empty = folder / "no-commands"
        empty.mkdir()
        command = [
            binary,
            "serve",
            *("--listen", "127.0.0.1:0", "--data-dir", str(folder / "data")),
            *("--admin-token", TOKEN, "--engine", "process", "--on-exit", "stop"),
            *("--stop-grace", "1s"),
        ]
        with open(self.written, "wb") as output:
            self.process = subprocess.Popen(
                command,
                env={"PATH": str(empty), "HOME": str(folder), "HANDOVER_LOG": "warn"},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self.url = self._address()
            self.call("GET", "/readyz", until=lambda status: status == 200)
        except BaseException:
            self.process.kill()
            raise

    def _address(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := re.search(r"Handover is at (\S+)", self.log()):
                return found[1]
            time.sleep(0.1)
        sys.exit(f"fuzz: the server did not start:\n{self.log()}")

    def call(self, method, path, body=None, until=None):
        """The body of an answer that must be a success, or that must come to be one."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            request = urllib.request.Request(
                self.url + path,
                method=method,
                data=None if body is None else json.dumps(body).encode(),
                headers={"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
            )
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    text = answer.read()
                    return json.loads(text) if answer.headers["content-type"] == "application/json" else text
            except urllib.error.HTTPError as refused:
                if until is None or time.monotonic() > deadline:
                    sys.exit(f"fuzz: {method} {path} answered {refused.code}: {refused.read().decode()}")
                time.sleep(0.2)

    def log(self):
        return self.written.read_text(encoding="utf-8", errors="replace")

    def stop(self):
        """Whether it ended by itself, in time and without an error."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS) == 0
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False


def furnish(server, many):
    """Makes things to talk about, several of each because fuzzing deletes, too. Returns ids by their kind."""
    kinds = ("workloads", "artifacts", "repositories", "protons", "replacements", "users")
    ids = {kind: [] for kind in kinds}
    ids["organizations"] = [server.call("GET", "/api/v2/account/info/")["orgId"]]

    def artifact(name, status):
        made = server.call("POST", "/api/v2/artifacts/", {**ARTIFACT, "name": name, "status": status})
        ids["artifacts"].append(made["id"])
        ids["repositories"].append(made["artifactRepositoryId"])
        return made["id"]

    for number in range(many):
        status = "locked" if number % 2 else "draft"
        body = {"name": f"workload {number}", "artifactId": artifact(f"runs {number}", status)}
        workload = server.call("POST", "/api/v2/workloads/", body)["id"]
        path = f"/api/v2/workloads/{workload}/"
        deadline = time.monotonic() + START_SECONDS
        while server.call("GET", path)["status"] != "running":
            if time.monotonic() > deadline:
                sys.exit(f"fuzz: a workload never ran:\n{server.call('GET', path)}")
            time.sleep(0.1)
        # One that stays before its switch, so that there is something to steer.
        body = {"artifactId": artifact(f"next {number}", status), "config": {"warmupDurationMinutes": 60}}
        ids["replacements"].append(server.call("POST", f"{path}replacement/", body)["id"])
        protons = server.call("GET", f"{path}protons/")["data"]
        ids["protons"].extend(proton["id"] for proton in protons)
        ids["workloads"].append(workload)
        body = {"username": f"person-{number}", "role": "member", "password": "a password for fuzzing"}
        ids["users"].append(server.call("POST", "/api/v2/users/", body)["id"])
    return ids


def configuration(ids):
    """What Schemathesis is told: which checks, how much, and which ids there are."""
    ids = {**ids, "all": [id for known in ids.values() for id in known]}
    toml = (HERE / "schemathesis.toml").read_text(encoding="utf-8")
    dictionaries = "\n".join(
        f"[dictionaries.{kind}]\nvalues = {json.dumps(known)}\n" for kind, known in ids.items()
    )
    return f"{toml}\n{dictionaries}"


def main(binary):
    with tempfile.TemporaryDirectory(prefix="handover-fuzz-") as name:
        folder = pathlib.Path(name)
        server = Server(os.path.abspath(binary), folder)
        try:
            config = folder / "schemathesis.toml"
            config.write_text(configuration(furnish(server, many=6)), encoding="utf-8")
            schemathesis = str(pathlib.Path(sys.executable).with_name("schemathesis"))
            arguments = [schemathesis, "--config-file", str(config), "run"]
            arguments += [f"{server.url}/api/v2/openapi.json", "--no-color"]
            environment = {
                **os.environ,
                "HANDOVER_TOKEN": TOKEN,
                # Where the hooks are.
                "PYTHONPATH": str(HERE),
                "PYTHONDONTWRITEBYTECODE": "1",
            }
            fuzzed = subprocess.run(arguments, env=environment, cwd=folder, check=False).returncode
            alive = server.process.poll() is None
            if alive:
                server.call("GET", "/api/v2/version/")
        finally:
            clean = server.stop()
        if fuzzed or not alive or not clean:
            print(server.log()[-20_000:], file=sys.stderr)
        if not alive:
            sys.exit("fuzz: a request ended the server")
        if not clean:
            sys.exit("fuzz: the server did not stop cleanly")
        sys.exit(fuzzed)


if __name__ == "__main__":
    main(sys.argv[1])
