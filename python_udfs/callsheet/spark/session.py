"""A Spark session for dbt, or one sentence that says why there is none."""

import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, udf

from callsheet.runtime.errors import CallsheetError, UnusableInputError
from callsheet.workspace import PROJECT

_SPARK = (4, 3)  # the first with QUALIFY
_JAVA = 17  # the oldest that Spark 4 runs on
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # a timestamp is UTC without saying so, as it is on DuckDB
}
_OF_CONNECT = ("SPARK_REMOTE", "SPARK_CONNECT_MODE_ENABLED")  # while they are set, this process opens no session of another kind
_PACKAGE = "callsheet-python"
_PORTS = {"spark": 7077, "sc": 15002}


@contextmanager
def spark_session(master: str, storage: Path, settings: Mapping[str, str]) -> Iterator[SparkSession]:
    """Open a session on `master` whose tables lie under `storage`, with this package on every worker; close it at the end."""
    scheme = urlsplit(master).scheme
    if scheme in _PORTS:
        _check_reachable(master, scheme)
    if scheme != "sc":
        _check_java()
    session = _open(master, storage, settings)
    with tempfile.TemporaryDirectory(prefix="callsheet-package-") as package:
        try:
            _check_version(session.version, master)
            if not master.startswith("local"):
                _ship_package(session, Path(package))
                if scheme != "sc" and "://" not in settings.get("spark.sql.warehouse.dir", ""):
                    check_shared(session, storage)
            if scheme != "sc" and "spark.sql.warehouse.dir" not in settings:
                clear_torn_tables(session, storage / "warehouse")
            yield session
        finally:
            with suppress(Exception):  # a cluster that is gone cannot be said goodbye to
                session.stop()
            for name in _OF_CONNECT:
                os.environ.pop(name, None)
            sys.path[:] = [path for path in sys.path if not path.endswith(_PACKAGE + ".zip")]  # Spark put it there, and the file goes now


def check_shared(session: SparkSession, folder: Path) -> None:
    """Refuse a folder that some worker does not see: tables written there would be torn into pieces on several disks."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / f".seen-{uuid.uuid4().hex}"
    mark.touch()
    sees = udf(lambda path: Path(path).exists(), "boolean", useArrow=True)
    try:
        tasks = session.createDataFrame([(str(mark),)] * 16, "path string").repartition(16)
        blind = tasks.filter(~sees(col("path"))).count()
    finally:
        mark.unlink(missing_ok=True)
    if blind:
        raise UnusableInputError(
            f"Some worker does not see {folder}: set CALLSHEET_HOME to storage that all share, or --conf spark.sql.warehouse.dir."
        )


def clear_torn_tables(session: SparkSession, warehouse: Path) -> None:
    """Remove what killed runs left: Spark refuses to make a table where a folder lies that its catalogue does not know."""
    for schema in warehouse.glob("*.db"):
        name = schema.name.removesuffix(".db")
        known = {table.name for table in session.catalog.listTables(name)} if session.catalog.databaseExists(name) else set()
        for folder in schema.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder)


def _open(master: str, storage: Path, settings: Mapping[str, str]) -> SparkSession:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # what fails is told once, by dbt
    builder = SparkSession.builder.appName("callsheet")
    if master.startswith("sc://"):
        builder = builder.remote(master)
        os.environ["SPARK_REMOTE"] = master  # dbt-spark asks for a session without saying where,
        warnings.filterwarnings("ignore", "Failed to set spark.sql.catalogImplementation")  # and for Hive, which is the server's to choose
        everything = {**_ALWAYS, **settings}
    else:
        builder = builder.master(master).enableHiveSupport()
        everything = {**_of_classic(storage), **_ALWAYS, **settings}
    for name, value in everything.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:  # what a cluster can fail with is Java's, Python's and the network's
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CallsheetError(
            f"Spark at {master} gave no session ({reason}): look at its log, and whether it is Spark {_dotted()}."
        ) from error


def _of_classic(storage: Path) -> dict[str, str]:
    """Return settings of a session whose driver is this process; its catalogue lies beside the tables, unless the cluster has one."""
    settings = {
        "spark.sql.warehouse.dir": str(storage / "warehouse"),
        "spark.driver.defaultJavaOptions": f"-Dderby.system.home={storage}",
        "spark.log.level": "ERROR",
        "spark.ui.showConsoleProgress": "false",
    }
    if not (Path(os.environ.get("SPARK_CONF_DIR", "")) / "hive-site.xml").is_file():
        settings["spark.hadoop.javax.jdo.option.ConnectionURL"] = f"jdbc:derby:;databaseName={storage / 'catalogue'};create=true"
    storage.mkdir(parents=True, exist_ok=True)
    return settings


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if java is None:
        raise UnusableInputError(f"There is no Java here: install Java {_JAVA} or newer, or set JAVA_HOME; with sc:// none is needed.")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603 - the machine's own Java
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version.group(1)) < _JAVA:
        found = f"{java} is Java {version.group(1)}" if version else f"{java} does not say its version"
        raise UnusableInputError(f"{found}: Spark {_dotted()} needs Java {_JAVA} or newer, set JAVA_HOME to one.")


def _check_reachable(master: str, scheme: str) -> None:
    """Try every address of the master: Spark itself would try for a minute and then print two pages."""
    addresses = urlsplit(master).netloc.split(",")
    for address in addresses:
        host, _, port = address.partition(":")
        with suppress(OSError, ValueError), socket.create_connection((host, int(port or _PORTS[scheme])), timeout=5):
            return
    raise UnusableInputError(f"No Spark cluster answers at {master}: start it, or give its address with --master.")


def _check_version(version: str, master: str) -> None:
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < _SPARK:
        raise UnusableInputError(f"Spark at {master} is {version}: callsheet needs {_dotted()} or newer there.")


def _dotted() -> str:
    return ".".join(map(str, _SPARK))


def _ship_package(session: SparkSession, scratch: Path) -> None:
    """Put this package on every worker, by way of a file that must stay as long as the session. What it imports must be there already."""
    source = scratch / "source"
    shutil.copytree(PROJECT / "python_udfs" / "callsheet", source / "callsheet", ignore=shutil.ignore_patterns("__pycache__"))
    archive = shutil.make_archive(str(scratch / _PACKAGE), "zip", source)
    try:
        session.addArtifacts(archive, pyfile=True)
    except PySparkException as error:
        raise CallsheetError(f"The cluster did not take callsheet's Python functions ({error}).") from error
