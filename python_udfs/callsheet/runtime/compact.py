"""Rewriting of the database without the space that deleted rows and killed runs left in it."""

import shutil

import duckdb

from callsheet.runtime.errors import UnusableInputError, explain
from callsheet.runtime.publish import literal
from callsheet.workspace import Workspace, for_the_owner_alone


def compact(workspace: Workspace) -> tuple[int, int]:
    """Rewrite the database file with everything in it, state included. Returns its bytes before and after."""
    if not workspace.database.exists():
        raise UnusableInputError(f"There is no database {workspace.database}: run `make run` first, or name another with --database.")
    before = workspace.database.stat().st_size
    fresh = workspace.database.with_name(workspace.database.name + ".compact")
    fresh.unlink(missing_ok=True)
    try:
        # Opened for writing although only read: nobody else may write between the copy and the exchange.
        with for_the_owner_alone(), duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
            connection.execute(f"attach {literal(str(workspace.database))} as kept")
            connection.execute("checkpoint kept")
            connection.execute(f"attach {literal(str(fresh))} as fresh")
            connection.execute("copy from database kept to fresh")
            connection.execute("detach fresh")
            shutil.copymode(workspace.database, fresh)
            fresh.replace(workspace.database)
    except (OSError, duckdb.Error) as error:
        fresh.unlink(missing_ok=True)
        raise explain(error, workspace.database) from error
    return before, workspace.database.stat().st_size
