"""A PostgreSQL of our own for a measurement or a test: an empty cluster in a temporary folder, driven by psql."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Aurora writes no full pages into its log; vacuum comes only when told, so that every run is the same.
SETTINGS = (
    "fsync=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=1h",
)  # fmt: skip
# The server's clock as a table says: schemas before pg_catalog are searched first where the path names both. A pause holds up who asks.
CLOCK = """
create schema clock; create table clock.stands (hour double precision, pause double precision); insert into clock.stands values (0, 0);
create function clock.now() returns timestamptz language sql stable
as 'select to_timestamp(hour * 3600) from clock.stands, pg_sleep(pause)';
"""


@dataclass(frozen=True)
class Server:
    """A running server: on a socket in its folder, or where it has a port on loopback."""

    programs: Path
    folder: Path
    owner: str | None
    port: int | None = None

    @property
    def dsn(self) -> str:
        """Where it is, as libpq takes it."""
        place = f"host=127.0.0.1 port={self.port}" if self.port else f"host={self.folder}"
        return f"{place} user=callsheet dbname=postgres"

    @property
    def clock_dsn(self) -> str:
        """The same for who is to see the time of CLOCK, in hours since 1970."""
        return f"{self.dsn} options='-c search_path=clock,pg_catalog,\"$user\",public'"

    def set_clock(self, hour: float) -> None:
        """Let its clock show so many hours since 1970."""
        self.sql(f"update clock.stands set hour = {hour}")

    def begin(self) -> None:
        """Start it on the data that it has."""
        address = f"listen_addresses=127.0.0.1 -c port={self.port}" if self.port else "listen_addresses="
        options = " ".join(f"-c {setting}" for setting in [*SETTINGS, address, f"unix_socket_directories={self.folder}"])
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def end(self) -> None:
        """Stop it as a crash does: nobody is waited for."""
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Start one of its programs, as its owner."""
        return subprocess.Popen(
            [self.programs / program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            user=self.owner,
            group=self.owner,
            extra_groups=[] if self.owner else None,
        )

    def run(self, program: str, *arguments: str, text: str = "") -> str:
        """Run one of its programs; return what it printed."""
        with self.start(program, *arguments) as process:
            printed, complaint = process.communicate(text)
        if process.returncode != 0:
            raise SystemExit(f"{program} failed: {complaint.strip()}")
        return printed.strip()

    @property
    def session(self) -> list[str]:
        """The arguments of every psql."""
        return ["-XqAt", "-v", "ON_ERROR_STOP=1", self.dsn]

    def sql(self, text: str) -> list[str]:
        """Run SQL; return the values of its last row."""
        lines = self.run("psql", *self.session, text=text).splitlines()
        return lines[-1].split("|") if lines else []

    @contextmanager
    def open_transaction(self, text: str) -> Iterator[None]:
        """Run SQL in a transaction that stays open until the end of the block, and is committed then."""
        with self.start("psql", *self.session) as process:
            assert process.stdin and process.stdout
            process.stdin.write(f"begin;\n{text}\n\\echo begun\n")
            process.stdin.flush()
            if not any(line.strip() == "begun" for line in process.stdout):
                raise SystemExit("psql could not begin a transaction.")
            yield
            process.stdin.write("commit;\n")
            process.stdin.close()
            if process.wait() != 0:
                raise SystemExit("psql could not commit its transaction.")


@contextmanager
def server(*, on_loopback: bool = False) -> Iterator[Server | None]:
    """Start a server, and stop it at the end; none where PostgreSQL is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not installed:
        yield None
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that a `timeout` leaves no server behind
    owner = "postgres" if os.getuid() == 0 else None  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="callsheet-pg-") as scratch:
        if owner:
            shutil.chown(scratch, owner, owner)
        own = Server(installed[-1].parent, Path(scratch), owner, _free_port() if on_loopback else None)
        own.run("initdb", "-D", f"{scratch}/data", "-U", "callsheet", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        own.begin()
        try:
            yield own
        finally:
            own.end()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as asked:
        return int(asked.getsockname()[1])
