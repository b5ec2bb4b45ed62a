"""A PostgreSQL of our own for a measurement: an empty cluster on a socket in a temporary folder, driven by psql."""

import os
import shutil
import signal
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
    "listen_addresses=",
)  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A running server."""

    programs: Path
    folder: Path
    owner: str | None

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
        return ["-XqAt", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-U", "callsheet", "postgres"]

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
def server() -> Iterator[Server | None]:
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
        own = Server(installed[-1].parent, Path(scratch), owner)
        data, log = f"{scratch}/data", f"{scratch}/log"
        own.run("initdb", "-D", data, "-U", "callsheet", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        options = " ".join(f"-c {setting}" for setting in [*SETTINGS, f"unix_socket_directories={scratch}"])
        own.run("pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
        try:
            yield own
        finally:
            own.run("pg_ctl", "-D", data, "-m", "immediate", "stop")
