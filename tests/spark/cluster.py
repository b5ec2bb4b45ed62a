"""Spark on this machine, from pyspark's own wheel: a cluster of a master and two workers, and a Spark Connect server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pyspark

from tests.spark.conftest import SMALL

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
    own = ["--host", "127.0.0.1"]
    with _ended(started):
        _start(started, "master", "master.Master", *own, "--port", str(port), "--webui-port", str(web_port))
        _wait_until(lambda: _alive_workers(web_port) >= 0)
        for name in ("worker-1", "worker-2"):
            _start(
                started, name, "worker.Worker", *own, "--cores", "1", "--memory", "1536m", "--work-dir", str(folder / name), started.master
            )
        _wait_until(lambda: _alive_workers(web_port) == 2)
        yield started


@contextmanager
def connect_server(folder: Path) -> Iterator[Cluster]:
    """Start a Spark Connect server with a catalogue of its own under the folder, and end it at the end, whatever happened."""
    port = _free_port()
    started = Cluster(f"sc://127.0.0.1:{port}", {}, folder)
    settings = {
        **SMALL,
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "hive",
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder / 'catalogue'};create=true",
        "spark.driver.defaultJavaOptions": f"-Dderby.system.home={folder}",
    }
    chosen = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    with _ended(started):
        service = ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
        _start(started, "connect", "SparkSubmit", "--master", "local[2]", *chosen, *service)
        _wait_until(lambda: _listens(port))
        yield started


@contextmanager
def _ended(started: Cluster) -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # or the end below would not be reached
    try:
        yield
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
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_HOME": str(_SPARK_CLASS.parents[1]),
        "SPARK_NO_DAEMONIZE": "1",
        "PYSPARK_PYTHON": sys.executable,
    }
    with (started.folder / f"{name}.log").open("wb") as log:
        started.processes[name] = subprocess.Popen(
            [str(_SPARK_CLASS), f"{_DEPLOY}.{what}", *arguments],
            stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True,
        )  # fmt: skip


def _wait_until(is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError):
            if is_ready():
                return
        time.sleep(0.5)
    raise TimeoutError(f"Spark did not come up in {_READY_SECONDS} s")


def _alive_workers(web_port: int) -> int:
    with urlopen(f"http://127.0.0.1:{web_port}/json/", timeout=2) as answer:
        return int(json.load(answer)["aliveworkers"])


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=2):
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
