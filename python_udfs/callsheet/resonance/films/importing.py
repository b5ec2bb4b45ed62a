"""A person's own films, from whatever export they have, as the three raw tables that staging reads."""

import csv
import gzip
import hashlib
import io
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.csv

from callsheet.resonance.films.tables import FLAT, as_json, header_of, read_table
from callsheet.resonance.films.text import repair_text
from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.errors import DONE, LOOK, UnusableInputError, explain
from callsheet.runtime.home import samples_allowed, scratch_workspace
from callsheet.runtime.publish import literal, quoted
from callsheet.runtime.summary import RunSummary
from callsheet.workspace import Workspace, for_the_owner_alone

_VERDICTS = (
    "--select", "+int_resonance__check_data",
    "--exclude-resource-type", "test", "unit_test",
)  # fmt: skip
_FILM_COLUMNS = (
    "film_id",
    "title",
    "release_date",
    "release_year",
    "budget",
    "revenue",
    "rating",
    "vote_count",
    "genres",
    "resonance",
    "keywords",
)
_FILM_NAMES = {
    "film_id": ("film_id", "title_id", "movie_id", "id"),
    "title": ("title", "original_title"),
    "release_date": ("release_date",),
    "release_year": ("release_year", "year"),
    "budget": ("budget", "budget_usd"),
    "revenue": ("revenue", "revenue_usd"),
    "rating": ("rating", "vote_average"),
    "vote_count": ("vote_count",),
    "genres": ("genres",),
    "resonance": ("resonance",),
    "keywords": ("keywords", "plot_keywords"),
}
_FACTS = {  # of a person, under the names of TMDB, of IMDb and of a table of one's own
    "born": ("born", "birthday", "birthyear"),
    "died": ("died", "deathday", "deathyear"),
    "gender": ("gender",),
    "professions": ("professions", "primaryprofession", "known_for_department"),
}
_PERSON_IDS, _PERSON_NAMES = ("person_id", "nconst", "id"), ("name", "primaryname")
_TMDB = "TMDB terms of use: attribution required, commercial use by agreement with TMDB"
_IMDB = "IMDb non-commercial datasets: personal and non-commercial use only"
_LICENCES = {"tmdb": _TMDB, "tmdb-flat": _TMDB, "imdb": _IMDB, "long": "not stated", "table": "not stated"}


@dataclass(frozen=True)
class Table:
    """One file as a relation of texts: its columns, and `position`, the number of the line among the data lines."""

    path: Path
    relation: str
    columns: tuple[str, ...]

    def has(self, *names: str) -> bool:
        """Say whether it has all of these columns."""
        return set(names) <= set(self.columns)

    def column(self, choices: Sequence[str], default: str = "null::varchar") -> str:
        """Return the first of the columns that it has, for use in SQL."""
        return next((quoted(name) for name in choices if name in self.columns), default)

    @property
    def name(self) -> str:
        """The file's name as an SQL literal."""
        return literal(self.path.name)


@dataclass(frozen=True)
class ImportRequest:
    """What to import."""

    format: str  # one of FORMATS; auto: the one that the columns say
    inputs: tuple[Path, ...]
    columns: tuple[tuple[str, str], ...] = ()  # of a table: what the file calls a column, where no usual name says it
    encoding: str | None = None


@dataclass
class _Desk:
    """Where files become the three tables: a connection in which nothing else lies."""

    connection: duckdb.DuckDBPyConnection
    notes: list[str] = field(default_factory=list)

    def run(self, sql: str) -> None:
        self.connection.execute(sql)

    def value(self, sql: str) -> int:
        return int(self.connection.execute(sql).fetchall()[0][0])


def import_films(workspace: Workspace, request: ImportRequest) -> RunSummary:
    """Land the files in the database and judge them. The same files again change nothing."""
    started = time.monotonic()
    notes = land(workspace, request)
    Dbt(workspace).build(*_VERDICTS)
    return _summary(workspace, notes, started)


def land(workspace: Workspace, request: ImportRequest) -> list[str]:
    """Write the files into the database, in one transaction, and return what is worth a look. Nothing is judged yet."""
    files = _find_files(request)
    format_ = _format_of(files) if request.format == "auto" else request.format
    _refuse_another_dataset(workspace, format_, files)
    workspace.database.parent.mkdir(parents=True, exist_ok=True)
    with for_the_owner_alone(), duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        desk = _Desk(connection)
        _prepare(desk)
        if format_ == "table":
            _read_tables(desk, files, request)
        else:
            tables = [_open(desk, path, number) for number, path in enumerate(files)]
            _READERS[format_](desk, tables)
            _read_facts(desk, tables)
        _finish(desk, _LICENCES[format_])
        _hand_over(desk, workspace, format_, files)
    return desk.notes


def _format_of(files: Sequence[Path]) -> str:
    """Return what wrote the files, by their columns; a table of its own where nothing else fits."""
    headers = [header_of(path) for path in files]
    for format_, needed in _SIGNS.items():
        if any(needed <= header for header in headers):
            return format_
    return "table"


def _read_tables(desk: _Desk, files: Sequence[Path], request: ImportRequest) -> None:
    """Read each file as a table of films; people files of the same folder are read for their facts."""
    for number, path in enumerate(files):
        header = header_of(path)
        if header & {*_FACTS["born"], *_FACTS["died"]} and len(files) > 1:
            _read_facts(desk, [_open(desk, path, number)])
            continue
        if note := read_table(desk.connection, path, f"file_{number}", request.columns, request.encoding):
            desk.notes.append(note)
        _read_flat(desk, [Table(path, f"file_{number}", ("position", *FLAT))])


def check(request: ImportRequest) -> RunSummary:
    """Import and judge in a database that is thrown away; nothing of the person's is written."""
    with scratch_workspace() as workspace:
        summary = import_films(workspace, request)
    summary.summary = summary.summary.replace("Imported", "Checked")
    summary.written_to = "nothing written"
    return summary


def _find_files(request: ImportRequest) -> list[Path]:
    """Return the files to read, by name, or say in one sentence why there are none."""
    files: list[Path] = []
    for path in request.inputs:
        if not path.exists():
            raise UnusableInputError(f"There is no {path}: give a file, or a folder of them, with --input.")
        inside = sorted(path.iterdir()) if path.is_dir() else []
        found = [child for child in inside if _SUFFIX.search(child.name)] or [child for child in inside if _OTHER_SUFFIX.search(child.name)]
        found = found if path.is_dir() else [path]
        if not found:
            raise UnusableInputError(f"The folder {path} holds no CSV, Excel, Parquet or ZIP file: give the one that holds the export.")
        files.extend(found)
    names = [path.name for path in files]
    for name in names:
        if names.count(name) > 1:
            raise UnusableInputError(f"Two of the files are called {name}: rename one, lines are told apart by file name and number.")
    return files


_SUFFIX = re.compile(r"\.(csv|tsv)(\.gz)?$", re.IGNORECASE)
_OTHER_SUFFIX = re.compile(r"\.(xlsx|xls|xlsb|ods|zip|parquet|jsonl|ndjson)(\.gz)?$", re.IGNORECASE)
_SIGNS = {  # columns that say what wrote a file
    "imdb": {"tconst", "titletype"},
    "tmdb": {"cast", "crew"},
    "long": {"title_id", "actor", "year"},
    "tmdb-flat": {"id", "cast", "director", "vote_average"},
}


def _open(desk: _Desk, path: Path, number: int) -> Table:
    """Read one file as texts; lines with too few or too many values are kept apart and counted."""
    relation = f"file_{number}"
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise UnusableInputError(f"{path} cannot be read ({error}): fetch it again, or change its rights.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        desk.notes.append(f"{path.name} is not UTF-8 and was read as Windows-1252: look at the names with accents.")
    if not text.strip() or "\0" in text[:1000]:
        raise UnusableInputError(f"{path} is {'empty' if not text.strip() else 'no text'}: give a CSV or TSV file with a header.")
    tabs = "\t" in text.partition("\n")[0]
    names = [name.strip().lower() for name in next(csv.reader(io.StringIO(text), delimiter="\t" if tabs else ","))]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnusableInputError(f"{path} has two columns called '{twice}': rename one.")
    broken: list[int] = []

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        broken.append(row.number)
        return "skip"

    lines = pyarrow.csv.read_csv(
        io.BytesIO(text.encode()),
        read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=names, skip_rows_after_names=1),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter="\t" if tabs else ",", quote_char=False if tabs else '"', newlines_in_values=not tabs, invalid_row_handler=skip
        ),
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=False),
    )
    del text
    desk.connection.register("lines", lines)
    # The broken lines count too: a position is the line's number among all.
    desk.run(f"create table {relation} as select row_number() over () as position, * from lines")
    desk.connection.unregister("lines")
    for row in sorted(number - 1 for number in broken):
        desk.run(f"update {relation} set position = position + 1 where position >= {row}")
        desk.connection.execute("insert into broken values (?, ?)", [path.name, row])
    return Table(path, relation, tuple(names))


def _prepare(desk: _Desk) -> None:
    desk.connection.create_function("repair_text", repair_text, ["VARCHAR"], "VARCHAR")
    desk.connection.create_function("as_json", as_json, ["VARCHAR"], "VARCHAR")
    columns = ", ".join(f"{name} varchar" for name in _FILM_COLUMNS)
    desk.run(f"create table films (file_name varchar, position bigint, {columns}, problem varchar)")
    desk.run("create table credits (file_name varchar, position bigint, film_id varchar, person_id varchar, job varchar, billing varchar)")
    desk.run("create table people (file_name varchar, position bigint, person_id varchar, name varchar)")
    desk.run("create table named (file_name varchar, position bigint, film_id varchar, name varchar, job varchar, billing varchar)")
    facts = ", ".join(f"{name} varchar" for name in _FACTS)
    desk.run(f"create table facts (file_name varchar, position bigint, person_id varchar, name varchar, {facts}, licence varchar)")
    desk.run("create table broken (file_name varchar, position bigint)")


def _finish(desk: _Desk, licence: str) -> None:
    """Give people that are known by name only an id made from it, and land the broken lines, so that none is lost."""
    desk.run("create table names as select distinct name, repair_text(name) as repaired from named where trim(name) <> ''")
    desk.run(
        "insert into credits select named.file_name, named.position, named.film_id, lower(names.repaired), named.job, named.billing "
        "from named left join names on named.name = names.name"
    )
    desk.run(
        "insert into people select min(named.file_name), min(named.position), lower(names.repaired), min(names.repaired) "
        "from named inner join names on named.name = names.name group by lower(names.repaired)"
    )
    _match_facts(desk, licence)
    desk.run("insert into films (file_name, position, problem) select file_name, position, 'line_broken' from broken")
    if not desk.value("select count(*) from films"):
        raise UnusableInputError("The files hold no film: give an export that has lines below its header.")


def _read_facts(desk: _Desk, tables: Sequence[Table]) -> None:
    """Read what a people file says: IMDb's name.basics, a people export of TMDB, or a table with person_id or name and what is known."""
    for table in tables:
        person_id, name = table.column(_PERSON_IDS, ""), table.column(_PERSON_NAMES, "")
        if not (person_id or name) or not any(table.column(_FACTS[fact], "") for fact in ("born", "died", "gender")):
            continue
        licence = _IMDB if table.has("nconst") else _TMDB if table.has("known_for_department") or table.has("birthday") else "not stated"
        values = ", ".join(f"nullif(trim({table.column(choices)}), '\\N')" for choices in _FACTS.values())
        desk.run(
            f"insert into facts select {table.name}, position, nullif(trim({person_id or 'null'}), ''), "
            f"lower(repair_text({name or 'null'})), {values}, {literal(licence)} from {table.relation}"
        )


def _match_facts(desk: _Desk, licence: str) -> None:
    """Put each person's facts beside the name: by id where the files share one, else by a name that only one line can mean.

    Of several people of one name those with a known year of birth count; where that leaves two, nothing is known of the name.
    """
    desk.run("alter table people add column licence varchar")
    desk.run(f"update people set licence = {literal(licence)}")
    desk.run(
        "create table chosen as select people.rowid as place, facts.* exclude (person_id, name, position) from people "
        "inner join facts on trim(people.person_id) = facts.person_id "
        "qualify row_number() over (partition by people.rowid order by facts.file_name, facts.position) = 1"
    )
    desk.run(
        "create table by_name as select *, count(*) over (partition by name) as namesakes from (select * exclude (position, person_id) "
        "from facts where name is not null qualify (born is not null) = max(born is not null) over (partition by name))"
    )
    desk.run(
        "insert into chosen select people.rowid, by_name.* exclude (name, namesakes) from people inner join by_name "
        "on lower(repair_text(people.name)) = by_name.name where namesakes = 1 and people.rowid not in (select place from chosen)"
    )
    several = desk.value(
        "select count(distinct lower(repair_text(people.name))) from people inner join by_name "
        "on lower(repair_text(people.name)) = by_name.name where namesakes > 1 and people.rowid not in (select place from chosen)"
    )
    if several:
        desk.notes.append(f"{several:,} names are those of several lines of the people file: nothing is taken from it for them.")
    facts = ", ".join(f"chosen.{name}" for name in _FACTS)
    desk.run(
        f"create or replace table people as select people.*, {facts}, chosen.file_name as facts_from, chosen.licence as facts_licence "
        "from people left join chosen on people.rowid = chosen.place"
    )


def _choose(tables: Sequence[Table], what: str, *needed: str) -> Table:
    """Return the file that has these columns, or say which are missing."""
    for table in tables:
        if table.has(*needed):
            return table
    nearest = max(tables, key=lambda table: len(set(needed) & set(table.columns)))
    missing = [name for name in needed if name not in nearest.columns]
    raise UnusableInputError(
        f"No file has the columns of {what}: {nearest.path.name} lacks {', '.join(missing)}; it has {', '.join(nearest.columns)}."
    )


def _film_values(table: Table, **own: str) -> str:
    return ", ".join(own.get(name) or table.column(_FILM_NAMES[name]) for name in _FILM_COLUMNS)


def _need_year(table: Table) -> None:
    if table.column(_FILM_NAMES["release_year"], "") == "" and "release_date" not in table.columns:
        raise UnusableInputError(f"{table.path.name} has neither release_year nor release_date: without a year a film cannot be used.")


def _split_names(desk: _Desk, table: Table, film_id: str, column: str) -> None:
    """Unnest a column of names that are separated by |, each with its place."""
    job, suffix = ("cast", ":cast") if column == "cast" else ("director", ":directors")
    column = quoted(column)
    desk.run(
        f"insert into named select {literal(table.path.name + suffix)}, position * 1000 + place, {film_id}, name, '{job}', place::varchar "
        f"from (select position, {film_id}, unnest(string_split({column}, '|')) as name, "
        f"generate_subscripts(string_split({column}, '|'), 1) as place from {table.relation} where trim({column}) <> '')"
    )


def _read_flat(desk: _Desk, tables: Sequence[Table]) -> None:
    """Read the flat TMDB export: one line per film, cast, directors and genres separated by |."""
    table = _choose(tables, "a flat TMDB export", "id", "cast", "director")
    _need_year(table)
    desk.run(f"insert into films select {table.name}, position, {_film_values(table)}, null from {table.relation}")
    _split_names(desk, table, "id", "cast")
    _split_names(desk, table, "id", "director")


def _read_pair(desk: _Desk, tables: Sequence[Table]) -> None:
    """Read the TMDB 5000 pair: films with genres as JSON, credits with cast and crew as JSON."""
    films = _choose(tables, "the films of the TMDB pair", "id", "genres", "release_date")
    credits = _choose(tables, "the credits of the TMDB pair", "cast", "crew")
    movie_id = credits.column(("movie_id", "id"), "")
    if not movie_id:
        raise UnusableInputError(f"{credits.path.name} has neither movie_id nor id: without one its casts belong to no film.")
    of_films = [column for column in ("genres", "keywords") if films.has(column)]
    for table, column in [*((films, column) for column in of_films), (credits, "cast"), (credits, "crew")]:
        # The Movies Dataset writes Python's notation.
        desk.run(f'update {table.relation} set "{column}" = as_json("{column}") where not json_valid("{column}")')
    named = {
        column: f"""case when json_valid("{column}") then array_to_string(list_transform("""
        f"""from_json("{column}", '[{{"name":"VARCHAR"}}]'), lambda named: named.name), '|') end"""
        for column in of_films
    }
    desk.run(f"insert into films select {films.name}, position, {_film_values(films, **named)}, null from {films.relation}")
    for column, job, suffix, order in (
        ("cast", "cast", ":cast", 'coalesce(item."order", place)::varchar'),
        ("crew", "director", ":directors", "place::varchar"),
    ):
        shape = """'[{"id":"VARCHAR","name":"VARCHAR","job":"VARCHAR","order":"INTEGER"}]'"""
        only = "" if job == "cast" else "where item.job = 'Director'"
        desk.run(
            f"create table items as select position, movie_id, item, place from (select position, movie_id, unnest(list) as item, "
            f"generate_subscripts(list, 1) as place from (select position, {movie_id} as movie_id, "
            f"from_json({quoted(column)}, {shape}) as list from {credits.relation} where json_valid({quoted(column)}))) {only}"
        )
        name = literal(credits.path.name + suffix)
        desk.run(f"insert into credits select {name}, position * 1000 + place, movie_id, item.id, '{job}', {order} from items")
        desk.run(f"insert into people select {name}, position * 1000 + place, item.id, item.name from items where item.id is not null")
        desk.run("drop table items")
        bad = desk.value(f"select count(*) from {credits.relation} where not json_valid({quoted(column)})")
        if bad:
            desk.notes.append(f"{column} is no JSON in {bad} lines of {credits.path.name}: those films have none of it.")


def _read_imdb(desk: _Desk, tables: Sequence[Table]) -> None:
    r"""Read IMDb's non-commercial files. They write \N for unknown and hold no money: a CSV with tconst, budget, revenue may."""
    basics = _choose(tables, "title.basics", "tconst", "titletype", "startyear", "genres")
    principals = _choose(tables, "title.principals", "tconst", "ordering", "nconst", "category")
    ratings = _choose(tables, "title.ratings", "tconst", "averagerating", "numvotes")
    names = _choose(tables, "name.basics", "nconst", "primaryname")
    money = next((table for table in tables if table.has("tconst", "revenue")), None)
    joined = f"left join {money.relation} as money on basics.tconst = money.tconst" if money else ""
    budget = 'money."budget"' if money and "budget" in money.columns else "null::varchar"
    if money is None:
        desk.notes.append("IMDb's files hold no revenue: add a CSV with tconst, budget and revenue, or resonance stays unknown.")
    desk.run(
        f"insert into films select {basics.name}, basics.position, basics.tconst, basics.primarytitle, null, "
        f"nullif(basics.startyear, '\\N'), {budget}, {'money.revenue' if money else 'null'}, ratings.averagerating, ratings.numvotes, "
        f"replace(nullif(basics.genres, '\\N'), ',', '|'), null, null, null from {basics.relation} as basics "
        f"left join {ratings.relation} as ratings on basics.tconst = ratings.tconst {joined} where basics.titletype = 'movie'"
    )
    others = desk.value(f"select count(*) from {basics.relation} where titletype <> 'movie'")
    if others:
        desk.notes.append(f"{others:,} titles of {basics.path.name} are no films (titleType is not movie) and were left out.")
    desk.run(
        f"insert into credits select {principals.name}, position, tconst, nconst, if(category = 'director', 'director', 'cast'), ordering "
        f"from {principals.relation} where category in ('actor', 'actress', 'director') and tconst in (select film_id from films)"
    )
    desk.run(
        f"insert into people select {names.name}, position, nconst, primaryname from {names.relation} "
        "where nconst in (select person_id from credits)"
    )


def _read_long(desk: _Desk, tables: Sequence[Table]) -> None:
    """Read a plain long table: one line per (film, actor). Lines that differ on their film become several film lines."""
    table = _choose(tables, "a long table", "title_id", "actor", "year")
    flags = [name for name in table.columns if name.startswith("genre_")]
    labels = table.column(("genres",), "")
    if flags and not labels:
        each = ", ".join(f"if(lower({quoted(name)}) in ('1', '1.0', 'true', 'yes', 'y'), {literal(name[6:])}, null)" for name in flags)
        labels = f"concat_ws('|', {each})"
    values = _film_values(table, genres=labels or "null::varchar")
    columns = ", ".join(_FILM_COLUMNS)
    desk.run(
        f"insert into films select {table.name}, min(position), {columns}, null from "
        f"(select position, {values} from {table.relation}) as lines (position, {columns}) group by {columns}"
    )
    billing = table.column(("bill_order", "billing"))
    desk.run(
        f"insert into named select {literal(table.path.name + ':cast')}, position, title_id, actor, 'cast', {billing} from {table.relation}"
    )
    if "director" in table.columns:
        desk.run(
            "create table directing as select min(position) as position, title_id, director "
            f"from {table.relation} group by title_id, director"
        )
        _split_names(desk, Table(table.path, "directing", ("position", "title_id", "director")), "title_id", "director")


_READERS: dict[str, Callable[[_Desk, Sequence[Table]], None]] = {
    "tmdb": _read_pair,
    "tmdb-flat": _read_flat,
    "imdb": _read_imdb,
    "long": _read_long,
}
FORMATS = ("auto", *_READERS, "table")


def _refuse_another_dataset(workspace: Workspace, format_: str, files: Sequence[Path]) -> None:
    """Keep one dataset to a database: another would be mixed with what was derived from the first."""
    names = {path.name for path in files}
    if workspace.holds("imported", "imports"):
        with workspace.reading() as connection:
            held = connection.execute("select format, file_name from imported.imports").fetchall()
        if {format for format, _ in held} == {format_} and {name for _, name in held} <= names:
            return  # the same files again, or with a people file beside them
        holds = ", ".join(sorted(name for _, name in held))
    elif _holds_sample(workspace) and samples_allowed() == "always":
        holds = "the sample"
    else:
        return
    raise UnusableInputError(
        f"{workspace.database} already holds the films of {holds}, not of {', '.join(sorted(names))}: "
        "keep another dataset in another database, with --database FILE or CALLSHEET_HOME."
    )


def _holds_sample(workspace: Workspace) -> bool:
    return workspace.holds("intermediate", "int_resonance__judge_films") and not workspace.holds("imported", "imports")


def _hand_over(desk: _Desk, workspace: Workspace, format_: str, files: Sequence[Path]) -> None:
    """Write the three tables and the list of files in one transaction, sorted: the same files are the same bytes."""
    desk.run("create table imports (file_name varchar, format varchar, content_hash varchar, row_count bigint, imported_at timestamp)")
    now = datetime.now(UTC).replace(tzinfo=None)
    for path in files:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        rows = desk.connection.execute(
            "select (select count(*) from films where file_name = $1) "
            "+ (select count(*) from credits where split_part(file_name, ':', 1) = $1) + (select count(*) from facts where file_name = $1)",
            [path.name],
        ).fetchall()[0][0]
        desk.connection.execute("insert into imports values (?, ?, ?, ?, ?)", [path.name, format_, digest, rows, now])
    replaces_sample = _holds_sample(workspace)
    try:
        desk.run(f"attach {literal(str(workspace.database))} as kept")
        desk.run("begin")
        desk.run("create schema if not exists kept.imported")
        if replaces_sample:
            desk.run("create table kept.imported.sample_before (product varchar)")  # the next run of dbt retires the sample
        for table in ("films", "credits", "people", "imports"):
            order = "file_name, position" if table != "imports" else "file_name"
            when = f", {literal(now.isoformat(sep=' '))}::timestamp as imported_at" if table == "films" else ""
            desk.run(f"create or replace table kept.imported.{table} as select *{when} from {table} order by {order}")
        desk.run("commit")
    except duckdb.Error as error:
        raise explain(error, workspace.database) from error


def _summary(workspace: Workspace, notes: list[str], started: float) -> RunSummary:
    with workspace.reading() as connection:
        landed, quarantined = connection.execute(
            "select count(*), count(reject_reason) from (select reject_reason from intermediate.int_resonance__judge_films "
            "union all select reject_reason from intermediate.int_resonance__judge_credits)"
        ).fetchall()[0]
        films, people = connection.execute(
            "select (select count(*) from intermediate.int_resonance__rate_films), "
            "(select count(distinct trim(person_id)) from imported.people where trim(person_id) <> '')"
        ).fetchall()[0]
        alerts = connection.execute("select message from intermediate.int_resonance__check_data order by kind, subject").fetchall()
    return RunSummary(
        summary="Imported films",
        written_to=str(workspace.database),
        landed=landed,
        kept=landed - quarantined,
        quarantined=quarantined,
        seconds=time.monotonic() - started,
        exit_code=LOOK if alerts else DONE,
        details={"films": films, "people": people},
        notes=notes + [message for (message,) in alerts],
    )
