"""What a person reads when a file is not what its reader expects: every sentence as it is, and what it tells to type."""

import gzip
import json
import zipfile
from pathlib import Path

import pytest
from callsheet.inputs.dates import forms_that_fit, misfits, proposal
from callsheet.inputs.kinds import kind_of
from callsheet.inputs.names import folded, named_columns, nearest
from callsheet.inputs.plain import NotPlainError, plain
from callsheet.percentiles.delivering import WINDOW, as_batches, layout_of
from callsheet.pulse.building import Request, check_source
from callsheet.pulse.looking import describe
from callsheet.resonance.films.importing import ImportRequest
from callsheet.resonance.films.tables import COLUMNS, FLAT, as_json, header_of, read_table
from callsheet.runtime.errors import UnusableInputError
from callsheet.workspace import PROJECT

STRANGERS = PROJECT / "tests" / "python" / "fixtures" / "strangers"
HEADER = "posted_date,work_city,project_type"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Posted Date ", "posted_date"),
        ("posted-date", "posted_date"),
        ("postedDate", "posted_date"),
        ("Réalisateur", "realisateur"),
        ("", ""),
    ],
)
def test_names_are_compared_without_case_blanks_signs_and_accents(name: str, expected: str) -> None:
    assert folded(name) == expected


def test_the_nearest_header_is_one_that_nothing_else_took() -> None:
    aliases = {"town": "work_city", "work_city": "work_city", "pay": "rate"}
    assert nearest("work_city", ["Shooting Town", "Pay", "Colour"], aliases) == "Shooting Town"
    assert nearest("work_city", ["Pay", "Colour"], aliases) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("city", "--column city names nothing: write COLUMN=NAME, such as posted_date='Posted_Date'."),
        ("work_town=Town", "--column work_town=Town: there is no column work_town: choose work_city."),
        ("x=Town", "--column x=Town: there is no column x: choose posted_date, work_city."),
    ],
)
def test_a_column_that_cannot_be_named_gets_one_sentence(given: str, message: str) -> None:
    with pytest.raises(UnusableInputError) as refused:
        named_columns([given], ("posted_date", "work_city"))
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["13/06/2025", "14/06/2025"], "'13/06/2025', '14/06/2025' fit %d/%m/%Y only: add --date-format '%d/%m/%Y'"),
        (["13.06.2025"], "'13.06.2025' fits %d.%m.%Y only: add --date-format '%d.%m.%Y'"),
        (["03/04/2025"], "'03/04/2025' may be %m/%d/%Y or %d/%m/%Y: add the one that is meant, such as --date-format '%m/%d/%Y'"),
        (
            ["13/06/2025", "soon"],
            "'13/06/2025', 'soon' fit no single form: give each with a --date-format of its own, such as --date-format %d.%m.%Y",
        ),
    ],
)
def test_a_form_of_dates_is_proposed_where_one_fits_all(values: list[str], message: str) -> None:
    assert proposal(values) == message


def test_a_wrong_form_names_what_does_not_fit() -> None:
    assert misfits(["13/06/2025", "2025"], ["%m/%d/%Y", "%d/%m/%Y"]) == ["2025"]
    assert forms_that_fit([]) == []
    with pytest.raises(UnusableInputError) as refused:
        misfits(["x"], ["%"])
    assert str(refused.value) == "--date-format % is no form of a date: write one such as %m/%d/%Y."


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n", "a picture (PNG)"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
        (b"PAR1", "Parquet"),
        (b"[1]", "a JSON array"),
        (b'\xef\xbb\xbf {"a": 1}', "JSON lines"),
        (b"<html>", "a web page or XML"),
        (b"a,b", "text"),
        (b"PK\x03\x04", "a ZIP archive"),
    ],
)
def test_a_file_is_called_by_its_kind(content: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert kind_of(tmp_path / "file") == kind


def test_an_archive_of_several_files_names_them(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("one.csv", "a")
        archive.writestr("two.csv", "b")
        archive.writestr("__MACOSX/._one.csv", "nobody put it there")
    with pytest.raises(NotPlainError) as refused, plain(tmp_path / "a.zip"):
        pass
    assert str(refused.value) == "it is a ZIP archive of 2 files: one.csv, two.csv; unpack it and give the one that is meant"


def refusal_of(path: Path, **options: str) -> str:
    with pytest.raises(UnusableInputError) as refused:
        check_source(Request(str(path), **options))  # type: ignore[arg-type]
    return str(refused.value).replace(str(path), "FILE")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"Posted,Shooting Town,project_type\n2025-06-13,LA,Film\n",
            "FILE cannot be used: it has no column work_city or work_location; its headers are 'Posted', 'Shooting Town', 'project_type': "
            "add --column work_city='Shooting Town'.",
        ),
        (
            b"work_city,Work City,Posted,Category\nLA,LA,2025-06-13,Film\n",
            "FILE cannot be used: its columns work_city and Work City (work_city) mean the same: leave one.",
        ),
        (b"%PDF-1.7\n\xff\x00", "FILE cannot be used: it is a PDF: export it as CSV, Excel, JSON or Parquet."),
        (
            f"{HEADER}\n13/06/2025,LA,Film\n".encode(),
            "FILE cannot be used: not one of its dates can be read; '13/06/2025' fits %d/%m/%Y only: add --date-format '%d/%m/%Y'.",
        ),
        (
            f"{HEADER}\n2025-06-13,Montréal,Film\n".encode("cp1252"),
            "FILE cannot be used: its text is not UTF-8: add --encoding cp1252 if 2025-06-13,Montréal,Film is right, else name another.",
        ),
        (b"", "FILE cannot be used: it has no byte."),
        (b"\n \n", "FILE cannot be used: it holds nothing but blanks."),
        (b"\xff\xfea\x00", "FILE cannot be used: it is UTF-16: give --encoding utf-16."),
    ],
)
def test_breakdowns_that_cannot_be_used_get_one_sentence_with_what_to_type(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_bytes(content)
    assert refusal_of(tmp_path / "file.csv") == message


def test_a_wrong_date_format_names_the_value_that_did_not_fit(tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text(f"{HEADER}\n13/06/2025,LA,Film\n")
    assert refusal_of(tmp_path / "file.csv", date_format="%m/%d/%Y") == (
        "FILE cannot be used: --date-format %m/%d/%Y does not fit '13/06/2025'; "
        "'13/06/2025' fits %d/%m/%Y only: add --date-format '%d/%m/%Y'."
    )


@pytest.mark.parametrize(
    "content",
    [
        b"sep=;\nPosted;City;Type of project\n2025-06-13;LA;Film\n",
        b"\n\nPosted,City,Type of project\n2025-06-13,LA,Film\n",
        b"Castings of June,,\nPosted,City,Type of project\n2025-06-13,LA,Film\n",
        b'[{"postedDate": "2025-06-13", "city": "LA", "projectType": "Film"}]',
        gzip.compress(b'[{"postedDate": "2025-06-13", "city": "LA", "projectType": "Film"}]', mtime=0),
        b'{"Posted": "2025-06-13", "Location": "LA", "Category": "Film"}\n',
    ],
)
def test_usual_exports_are_read_as_they_are(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    ((file, layout),) = check_source(Request(str(tmp_path / "file")))
    lines = describe(file, layout, None)
    assert [line.split(": ", 1)[1] for line in lines if line.split()[0] in ("posted_date", "work_city", "project_type")] == [
        "2025-06-13", "LA", "Film",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ids", "roles", "is_row_key"),
    [
        ("1234567", "aaaaaaa", True),
        ("1111111", "aaaaaaa", False),
        ("1234567", "abcdefg", False),
        ("1234566", "aaaaaaa", False),
        ("1234567", "aaaaaa ", False),
    ],
    ids=["numbers of rows", "one role", "seven roles", "one id repeats", "a role without a text"],
)
def test_an_id_that_never_repeats_while_roles_do_is_no_role(ids: str, roles: str, is_row_key: bool, tmp_path: Path) -> None:
    rows = "".join(f"{id_},2025-06-13,LA,Film,{role}\n" for id_, role in zip(ids, roles, strict=True))
    (tmp_path / "file.csv").write_text(f"Id,{HEADER},description\n{rows}")
    ((file, layout),) = check_source(Request(str(tmp_path / "file.csv")))
    told = "  'Id' never repeats while roles do: it is no id of a role; --column breakdown_id=Id takes it for one"
    assert (told in describe(file, layout, None)) == is_row_key
    ((_, named),) = check_source(Request(str(tmp_path / "file.csv"), columns=(("breakdown_id", "Id"),)))
    assert named.columns["breakdown_id"] == 0


def batches_of(folder: Path) -> list[list[dict[str, object]]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("batch_*.json"))]


def test_a_first_file_alone_is_dealt_into_a_window_and_the_next_is_one_batch(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("asset_id,prediction,Branche\n" + "".join(f"{n % 4},{n},Cars\n" for n in range(8)))
    delivered = as_batches(tmp_path, tmp_path / "in")
    assert delivered.told == ("a.csv is batches 1 to 3: a percentile needs 3, so its rows were dealt out and are ranked together",)
    # Rows of one id stay together, whatever batch they are in.
    assert [{row["id"] for row in batch} for batch in batches_of(delivered.folder)] == [{"0", "3"}, {"1"}, {"2"}]
    (tmp_path / "in" / "b.csv").write_text('Id;Score;Category\nx;"0,5";Cars\n')
    again = as_batches(tmp_path, tmp_path / "in")
    assert again.told[1] == "b.csv is batch 4; its scores are written with a decimal comma"
    assert batches_of(again.folder)[3] == [{"id": "x", "score": 0.5, "industry": "Cars"}]
    assert f"percentiles_window: {WINDOW} " in (PROJECT / "dbt_project.yml").read_text()


def test_numbers_of_batches_are_those_in_the_names_and_never_given_twice(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a9.csv", "a10.csv", "batch_2.csv", "batch_7.csv"):
        (tmp_path / "in" / name).write_text("id,score,industry\nx,1,Cars\n")
    told = as_batches(tmp_path, tmp_path / "in").told
    assert told == ("a9.csv is batch 1", "a10.csv is batch 2", "batch_2.csv is batch 3", "batch_7.csv is batch 7")


def test_scores_without_a_column_get_what_to_type(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Id,Vertical,pts\nx,Cars,1\n")
    with pytest.raises(UnusableInputError) as refused:
        as_batches(tmp_path, tmp_path / "a.csv")
    assert str(refused.value) == (
        f"{tmp_path / 'a.csv'} cannot be used: it has no column score; its headers are 'Id', 'Vertical', 'pts': add --column score=NAME."
    )


def films_of(path: Path, **columns: str) -> tuple[dict[str, str], str]:
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as connection:
        note = read_table(connection, path, "films", tuple(columns.items()), None)
        row = connection.execute("select * exclude (position) from films limit 1").fetchall()[0]
    return dict(zip(FLAT, row, strict=True)), note


def test_a_french_list_of_films_is_read_as_it_is_meant() -> None:
    film, note = films_of(STRANGERS / "resonance_french_csv" / "Catalogue films.csv")
    assert film == {
        "id": "a_winter_0_1988", "title": "A Winter 0", "release_date": "", "release_year": "1988", "budget": "4400000",
        "revenue": "17717824", "vote_average": "5.2", "vote_count": "", "genres": "Thriller|Aventure|Comédie", "keywords": "",
        "director": "Maya Moreau", "cast": "Seth Brandt|Iris Garcia|Olga Abbott|Kira Abbott",
    }  # fmt: skip
    assert note == "Catalogue films.csv is not UTF-8 and was read as Windows-1252: look at the names with accents."


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Colour,Year,Stars", "it has no column title; its headers are 'Colour', 'Year', 'Stars': add --column title=NAME."),
        (
            "Title,Stars,Yr out",
            "it has no column release_year or release_date; its headers are 'Title', 'Stars', 'Yr out': add --column release_year=NAME.",
        ),
        ("Title,Year,Who", "it has no column cast or cast_1; its headers are 'Title', 'Year', 'Who': add --column cast=NAME."),
    ],
)
def test_films_without_a_column_get_what_to_type(header: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "films.csv").write_text(f"{header}\na,b,c\n")
    with pytest.raises(UnusableInputError) as refused:
        films_of(tmp_path / "films.csv")
    assert str(refused.value) == f"{tmp_path / 'films.csv'} cannot be used: {message}"


def test_a_named_column_of_films_is_taken(tmp_path: Path) -> None:
    (tmp_path / "films.csv").write_text('Title,Year,Who,Gross\nA,2001,"Ann, Bob, Sammy Davis, Jr.","$1,234,567"\n')
    film, _ = films_of(tmp_path / "films.csv", cast="Who")
    assert (film["cast"], film["revenue"]) == ("Ann|Bob|Sammy Davis, Jr.", "1234567")


def test_lists_in_pythons_notation_are_lists() -> None:
    assert json.loads(as_json("[{'name': \"O'Hara\", 'x': None}]") or "") == [{"name": "O'Hara", "x": None}]
    assert as_json("[{'name': 'cut") == "[{'name': 'cut"


def test_headers_are_found_in_archives_too() -> None:
    assert {"series_title", "star1", "gross"} <= header_of(STRANGERS / "resonance_top_zip" / "archive.zip")
    assert "cast" in COLUMNS
    assert ImportRequest("auto", ()).columns == ()


@pytest.mark.parametrize(
    ("header", "product"),
    [
        ("Posted,City,Category", "pulse"),
        ("assetId,modelScore,industryName", "percentiles"),
        ("Series_Title,Star1,Released_Year", "resonance"),
        ("a,b", "pulse"),
    ],
)
def test_check_knows_a_file_by_its_columns(header: str, product: str, tmp_path: Path) -> None:
    from callsheet.runtime.checking import _product_of  # noqa: PLC0415

    (tmp_path / "file.csv").write_text(f"{header}\n")
    assert _product_of(tmp_path / "file.csv") == product


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"year": 2006,\n "budget": 20}', True),
        ('{"year": 2006', True),  # broken, and told as a brief
        ('[{"posted_date": 1}]', False),
        ('{"posted_date": 1}\n{"posted_date": 2}\n', False),
        ('[{"posted_date": 1', False),
    ],
)
def test_check_tells_a_brief_from_a_table_in_json(content: str, expected: bool, tmp_path: Path) -> None:
    from callsheet.runtime.checking import _is_brief  # noqa: PLC0415

    (tmp_path / "file.json").write_text(content)
    assert _is_brief(tmp_path / "file.json") is expected


def test_one_bad_table_of_scores_keeps_no_other_away(tmp_path: Path) -> None:
    folder = tmp_path / "scores"
    folder.mkdir()
    (folder / "w1.csv").write_text("id,score,industry\na,0.5,Food\n")
    (folder / "w2.csv").write_text("colour,taste\nred,sweet\n")
    (folder / "w3.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    given = as_batches(tmp_path, folder)
    assert [line.split(" is ")[0] for line in given.told] == ["w1.csv"]
    assert [refused.split(" cannot be used: ")[0] for refused in given.refused] == [str(folder / "w2.csv"), str(folder / "w3.xlsx")]
    (folder / "w1.csv").unlink()
    with pytest.raises(UnusableInputError, match=r"w2\.csv cannot be used"):
        as_batches(tmp_path / "other", folder)


def test_check_shows_what_the_columns_of_scores_were_taken_for(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("asset_id,prediction,Branche,Model\n1,0.5,Cars,m\n2,0.6,Cars,m\n")
    assert describe(str(tmp_path / "a.csv"), layout_of(tmp_path / "a.csv", (), None), None, ("id", "score", "industry")) == [
        "a.csv: CSV",
        "  id                'asset_id': 1 · 2",
        "  score             'prediction': 0.5 · 0.6",
        "  industry          'Branche': Cars",
        "  not used          'Model'",
    ]
