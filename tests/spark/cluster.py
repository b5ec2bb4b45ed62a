"""A Spark cluster on this machine: a master and two workers, from pyspark's own wheel."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pyspark

_SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
_DEPLOY = "org.apache.spark.deploy"
_READY_SECONDS = 90


@dataclass
class Cluster:
    """Its address, its processes and where they keep their logs."""

    master: str
    processes: dict[str, subprocess.Popen[bytes]]
    folder: Path

    def kill(self, name: str) -> None:
        """End a worker and its executor as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start master and workers, wait until both workers are alive, and end every process at the end, whatever happened."""
    port, web_port = _free_port(), _free_port()
    started = Cluster(f"spark://127.0.0.1:{port}", {}, folder)
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # or the end below would not be reached
    try:
        _start(started, "master", "master.Master", "--port", str(port), "--webui-port", str(web_port))
        _wait_for(web_port, alive=0)
        for name in ("worker-1", "worker-2"):
            _start(started, name, "worker.Worker", "--cores", "1", "--memory", "1536m", "--work-dir", str(folder / name), started.master)
        _wait_for(web_port, alive=2)
        yield started
    finally:
        for name in started.processes:
            started.kill(name)
        signal.signal(signal.SIGTERM, before)


def tasks_by_executor(event_log: Path) -> dict[str, int]:
    """Return how many tasks each worker's executor finished: an executor is told from another by its worker's log address."""
    workers: dict[str, str] = {}
    tasks: dict[str, int] = {}
    for file in sorted(path for path in event_log.rglob("*") if path.is_file() and not path.name.startswith((".", "appstatus"))):
        for line in file.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if event["Event"] == "SparkListenerExecutorAdded":
                workers[event["Executor ID"]] = event["Executor Info"]["Log Urls"]["stdout"].split("/logPage")[0]
            if event["Event"] == "SparkListenerTaskEnd" and event["Task End Reason"]["Reason"] == "Success":
                worker = workers[event["Task Info"]["Executor ID"]]
                tasks[worker] = tasks.get(worker, 0) + 1
    return tasks


def _start(started: Cluster, name: str, what: str, *arguments: str) -> None:
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(_SPARK_CLASS.parents[1]), "SPARK_NO_DAEMONIZE": "1"}
    with (started.folder / f"{name}.log").open("wb") as log:
        started.processes[name] = subprocess.Popen(
            [str(_SPARK_CLASS), f"{_DEPLOY}.{what}", "--host", "127.0.0.1", *arguments],
            stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True,
        )  # fmt: skip


def _wait_for(web_port: int, alive: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError), urlopen(f"http://127.0.0.1:{web_port}/json/", timeout=2) as answer:
            if json.load(answer)["aliveworkers"] >= alive:
                return
        time.sleep(0.5)
    raise TimeoutError(f"the cluster did not come up in {_READY_SECONDS} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
