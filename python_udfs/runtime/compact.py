"""Rewriting of the database without the space that deleted rows and killed runs left in it."""

import shutil

import duckdb

from python_udfs.runtime.errors import UnusableInputError, explain
from python_udfs.runtime.house import House, for_the_owner_alone
from python_udfs.runtime.publish import literal


def compact(house: House) -> tuple[int, int]:
    """Rewrite the database file with everything in it, state included. Returns its bytes before and after."""
    if not house.database.exists():
        raise UnusableInputError(f"There is no database {house.database}: run `make run` first, or name another with --database.")
    before = house.database.stat().st_size
    fresh = house.database.with_name(house.database.name + ".compact")
    fresh.unlink(missing_ok=True)
    try:
        # Opened for writing although only read: nobody else may write between the copy and the exchange.
        with for_the_owner_alone(), duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
            connection.execute(f"attach {literal(str(house.database))} as kept")
            connection.execute("checkpoint kept")
            connection.execute(f"attach {literal(str(fresh))} as fresh")
            connection.execute("copy from database kept to fresh")
            connection.execute("detach fresh")
            shutil.copymode(house.database, fresh)
            fresh.replace(house.database)
    except (OSError, duckdb.Error) as error:
        fresh.unlink(missing_ok=True)
        raise explain(error, house.database) from error
    return before, house.database.stat().st_size
