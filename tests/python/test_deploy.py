"""What deploy/ holds can be used: a linter reads the template, systemd the units, and the commands in them are run."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from callsheet.percentiles.loading import SAMPLE
from callsheet.runtime.errors import DONE, FAILED, LOOK, UNUSABLE
from callsheet.workspace import PROJECT, Workspace
from cfnlint.api import lint_all
from cfnlint.decode.cfn_yaml import loads

from benchmarks.postgres import Server, server

DEPLOY = PROJECT / "deploy"
TEMPLATE = (DEPLOY / "aws" / "template.yaml").read_text(encoding="utf-8")
MACHINE = json.loads((DEPLOY / "aws" / "state_machine.asl.json").read_text(encoding="utf-8"))
STATES: dict[str, dict[str, Any]] = MACHINE["States"]
UNIT = (DEPLOY / "systemd" / "callsheet.service").read_text(encoding="utf-8")
PAGE = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
OPTIONS = (DEPLOY / "systemd" / "callsheet.env").read_text(encoding="utf-8")
ENDS = {"Succeed", "Fail"}
CALLSHEET = [sys.executable, "-c", "from callsheet.cli import main; main()"]


def complaints(template: str) -> list[str]:
    """Return errors and warnings. Informational rules (I…) propose metadata for other tools."""
    return [f"{match.rule.id} {match.message}" for match in lint_all(template) if not match.rule.id.startswith("I")]


def with_definition(states: dict[str, Any]) -> str:
    """Return the template with the state machine inside, where the linter reads it."""
    template = loads(TEMPLATE)
    properties = template["Resources"]["Machine"]["Properties"]
    del properties["DefinitionS3Location"]
    for unused in ("DefinitionBucket", "DefinitionKey"):
        del template["Parameters"][unused]
    properties["Definition"] = {**MACHINE, "States": states}
    return json.dumps(template)


def test_the_linter_finds_nothing_in_the_template() -> None:
    assert complaints(TEMPLATE) == []


@pytest.mark.long
def test_the_linter_finds_nothing_in_the_state_machine() -> None:
    assert complaints(with_definition(STATES)) == []
    broken = {**STATES, "Pause": {"Type": "Wait", "Secondes": 60, "Next": "Run"}}
    assert any("E3601" in complaint for complaint in complaints(with_definition(broken)))  # it does read it


def following(state: dict[str, Any]) -> set[str]:
    ways = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    return {way[name] for way in ways for name in ("Next", "Default") if name in way}


def reached(start: str, without: str = "") -> set[str]:
    found, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name not in found and name != without:
            found.add(name)
            waiting += following(STATES[name])
    return found


def test_every_state_can_be_reached_and_comes_to_an_end() -> None:
    assert reached(MACHINE["StartAt"]) == set(STATES)
    for name, state in STATES.items():
        assert (state["Type"] in ENDS) != bool(following(state)), name
        assert any(STATES[end]["Type"] in ENDS for end in reached(name)), name


def test_a_lock_that_was_taken_is_given_back_on_every_way() -> None:
    ends = {name for name in reached("Run", without="ReleaseLock") if STATES[name]["Type"] in ENDS}
    assert ends == set()


def test_whoever_finds_the_lock_expired_knows_that_its_holder_has_ended() -> None:
    text = json.dumps(STATES)
    expires = int(re.findall(r"\$millis\(\) \+ (\d+)", text)[0]) / 1000
    tries = int(re.findall(r"\$attempt < (\d+)", text)[0])
    pauses = sum(60 * number for number in range(1, tries))
    assert tries * STATES["Run"]["TimeoutSeconds"] + pauses < MACHINE["TimeoutSeconds"] < expires
    (minutes,) = re.findall(r'"(\d+)m"', (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    assert int(minutes) * 60 + 60 < STATES["Run"]["TimeoutSeconds"]


def test_what_the_state_machine_leaves_open_the_template_fills_in() -> None:
    (filled,) = re.findall(r"DefinitionSubstitutions:\n((?: {8}\w+: .*\n)+)", TEMPLATE)
    assert set(re.findall(r"\$\{(\w+)\}", json.dumps(MACHINE))) == set(re.findall(r"^ +(\w+):", filled, flags=re.MULTILINE))


def help_of(*words: str) -> str:
    wide = {**os.environ, "COLUMNS": "200"}
    return subprocess.run([*CALLSHEET, *words, "--help"], capture_output=True, text=True, check=True, env=wide).stdout


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def test_every_option_that_deploy_names_exists() -> None:
    named = set()
    for path in (DEPLOY / "systemd" / "callsheet.env", DEPLOY / "systemd" / "callsheet.service", DEPLOY / "aws" / "template.yaml"):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "OPTIONS" in line or "--table" in line]
        named |= options_in("\n".join(lines))
    script = (DEPLOY / "aws" / "run.sh").read_text(encoding="utf-8")
    named |= options_in("\n".join(re.findall(r"^callsheet .*$", script, flags=re.MULTILINE)))
    known = help_of("load") + help_of("publish")
    assert len(named) > 8
    assert {option for option in named if f"{option} " not in known} == set()


def test_every_command_in_the_page_of_the_deployment_exists() -> None:
    """Its runbook is read when something is wrong."""
    helps: dict[tuple[str, ...], str] = {}
    called = re.findall(r"`callsheet (why \w+|\w+)([^`]*)`", PAGE)
    assert len(called) > 8
    for command, rest in called:
        words = tuple(command.split())
        helps[words] = helps.get(words) or help_of(*words)
        assert {option for option in options_in(rest) if f"{option} " not in helps[words]} == set(), command


# The units


def settings(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT, flags=re.MULTILINE)


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    program = tmp_path / "callsheet"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    for path in (DEPLOY / "systemd").glob("callsheet.[st]*"):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("/opt/callsheet/.venv/bin/callsheet", str(program)), encoding="utf-8")
    units = [str(tmp_path / f"callsheet.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (DONE, "", "")


def run_the_unit(home: Path, **options: str) -> list[int]:
    """Run what the unit runs as systemd does: $NAME alone is split into words, and a command that failed is the last."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "CALLSHEET_HOME": str(home)}
    environment |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    codes = []
    for line in settings("ExecStart"):
        program, *words = line.split()
        assert Path(program).name == "callsheet"
        arguments = [part for word in words for part in (shlex.split(options[word[1:]]) if word.startswith("$") else [word])]
        codes.append(subprocess.run([*CALLSHEET, *arguments], cwd=home, env=environment, check=False, capture_output=True).returncode)
        if codes[-1] not in {DONE, *map(int, settings("SuccessExitStatus"))}:
            break
    return codes


@pytest.mark.long
def test_the_unit_loads_and_publishes_and_a_second_run_adds_nothing(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    shutil.copytree(SAMPLE, inbox)
    defaults = dict(re.findall(r'^(\w+)="(.*)"$', OPTIONS, flags=re.MULTILINE))
    assert set(defaults) == {"LOAD_OPTIONS", "PUBLISH_OPTIONS"}
    options = {**defaults, "LOAD_OPTIONS": defaults["LOAD_OPTIONS"].replace("/srv/callsheet/inbox", str(inbox))}
    workspace = Workspace(tmp_path, tmp_path / "data" / "callsheet.duckdb")
    counts = "select (select count(*) from percentiles.batch_ledger), (select count(*) from percentiles.scores)"

    def state() -> list[Any]:
        with workspace.reading() as connection:
            return connection.execute(counts).fetchall()

    assert run_the_unit(tmp_path, **options) == [LOOK, DONE]  # the sample drifts: published all the same
    first = state()
    assert first[0][0] == len(list(inbox.iterdir()))
    assert workspace.public.exists()
    assert run_the_unit(tmp_path, **options) == [DONE, DONE]
    assert state() == first


@pytest.mark.long
def test_the_unit_stops_after_input_that_cannot_be_used(tmp_path: Path) -> None:
    assert run_the_unit(tmp_path, LOAD_OPTIONS="--batches /nonexistent", PUBLISH_OPTIONS="") == [UNUSABLE]
    assert settings("RestartPreventExitStatus") == [str(UNUSABLE)]


# One run of the task


class Task:
    """A place in which deploy/aws/run.sh runs: S3 is a folder, and so is the disk of a task, which is new each time."""

    def __init__(self, root: Path, callsheet: str) -> None:
        """Write the two programs that the script calls."""
        self.root, self.bucket = root, root / "s3" / "bucket"
        self.bucket.mkdir(parents=True)
        programs = root / "bin"
        programs.mkdir()
        fake = PROJECT / "tests" / "python" / "fake_aws.py"
        for name, text in (("aws", f'exec "{sys.executable}" "{fake}" "{root / "s3"}" "$@"'), ("callsheet", callsheet)):
            (programs / name).write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
            (programs / name).chmod(0o755)

    @property
    def current(self) -> str:
        """Return which copy is in force."""
        return (self.bucket / "current").read_text(encoding="utf-8")

    @property
    def called(self) -> list[str]:
        """Return the commands of callsheet that were run."""
        log = self.root / "called"
        return [line.split()[0] for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []

    def run(self, name: str, **environment: str) -> int:
        """Run one task to its end, and return its exit code."""
        shutil.rmtree(self.root / "home", ignore_errors=True)
        known = {"CALLSHEET_HOME": str(self.root / "home"), "HOME_BUCKET": "bucket", "RUN": name, "LOG": str(self.root / "called")}
        database = {"DATABASE_HOST": "db.example", "DATABASE_NAME": "inference", "DATABASE_USER": "callsheet"}
        path = {"PATH": f"{self.root / 'bin'}:{os.environ['PATH']}"}
        own = {**os.environ, **known, **database, **path, **environment}
        done = subprocess.run([str(DEPLOY / "aws" / "run.sh")], env=own, check=False, capture_output=True, text=True)
        print(done.stdout, done.stderr)
        return done.returncode


# A database that grows by a line with each load, and ends as it is told.
STUB = """
echo "$@" >> "$LOG"; data=$CALLSHEET_HOME/data
if [ "$1" = load ]; then
    mkdir -p "$data/inbox/t" "$data/published"
    echo "$RUN" >> "$data/callsheet.duckdb"
    for number in ${BATCHES:-}; do echo "[]" > "$data/inbox/t/batch_$number.json"; done
    if [ -n "${OTHER:-}" ]; then printf %s other > "$OTHER"; fi
    exit "${CODE:-0}"
fi
cp "$data/callsheet.duckdb" "$data/published/"
"""


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return Task(tmp_path, STUB)


def test_a_task_goes_on_with_the_copy_of_the_one_before(task: Task) -> None:
    assert task.run("one") == DONE
    assert task.run("two", CODE="3") == LOOK
    assert task.current == "homes/two.tar"
    assert (task.bucket / "published" / "callsheet.duckdb").read_text(encoding="utf-8").split() == ["one", "two"]
    assert [path.name for path in (task.bucket / "homes").iterdir()] == ["two.tar"]
    assert task.called == ["load", "publish"] * 2


@pytest.mark.parametrize("code", [FAILED, UNUSABLE, 137])
def test_a_load_that_fails_leaves_the_copy_in_force(task: Task, code: int) -> None:
    task.run("one")
    assert task.run("two", CODE=str(code)) == code
    assert task.current == "homes/one.tar"
    assert task.called == ["load", "publish", "load"]


@pytest.mark.parametrize("has_run_before", [False, True])
def test_a_task_that_was_overtaken_publishes_nothing(task: Task, has_run_before: bool) -> None:
    if has_run_before:
        task.run("one")
    assert task.run("two", OTHER=str(task.bucket / "current")) not in (DONE, LOOK)
    assert task.current == "other"
    assert task.called[-1] == "load"


def test_a_pointer_that_cannot_be_read_is_not_taken_for_a_first_run(task: Task) -> None:
    task.run("one")
    (task.bucket / "denied").touch()
    assert task.run("two") == FAILED
    assert task.called == ["load", "publish"]


def test_old_batch_files_leave_the_copy_and_stay_in_the_bucket(task: Task) -> None:
    assert task.run("one", BATCHES="9 10 100 11", INBOX_FILES="2") == DONE
    assert sorted(path.name for path in (task.bucket / "batches" / "t").iterdir()) == ["batch_10.json", "batch_9.json"]
    assert sorted(path.name for path in (task.root / "home" / "data" / "inbox" / "t").iterdir()) == ["batch_100.json", "batch_11.json"]


@pytest.fixture
def postgres() -> Iterator[Server]:
    with server() as running:
        if running is None:
            pytest.skip("there is no PostgreSQL under /usr/lib/postgresql")
        yield running


@pytest.mark.long
def test_three_tasks_bring_scores_from_postgres_to_percentiles_there(postgres: Server, tmp_path: Path) -> None:
    task = Task(tmp_path, f'exec {shlex.join(CALLSHEET)} "$@"')
    own = {"DATABASE_HOST": quote(str(postgres.folder), safe=""), "DATABASE_NAME": "postgres", "LOAD_OPTIONS": "--table public.scores"}
    chosen = "select 'a' || batch || '_' || place, place / 40.0, 'Cars', batch"
    rows = f"insert into public.scores {chosen} from generate_series({{}}) as batch, generate_series(1, 40) as place"
    postgres.sql("create table public.scores (id text, score float, industry text, batch_no int);" + rows.format("1, 3"))
    assert task.run("one", **own) == DONE
    postgres.sql(rows.format("4, 4"))
    assert task.run("two", **own, INBOX_FILES="1") == DONE
    served = "select count(*), count(percentile), count(distinct batch_no) from callsheet.scores"
    assert postgres.sql(served) == ["160", "160", "4"]
    postgres.sql(rows.format("5, 5") + "; drop schema callsheet cascade")
    assert task.run("three", **own) == DONE  # the copy holds one batch file of four: the others come again, and change nothing
    assert postgres.sql(served) == ["200", "200", "5"]  # and all is written again where the schema was lost
