"""Somebody else's program that writes a plain table of scores while it is read: `python -m tests.python.plain_table DSN SEED DRIFT_HOUR`.

Over several connections it inserts new rows and changes, moves and deletes those of the last hours. Some transactions stay open for up to
two hours of the server's clock. When its input ends it commits what is open, and prints how often it did what.
"""

import json
import random
import select
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from adbc_driver_postgresql import dbapi

TABLE = "create table public.scores (id text, score double precision, industry text, time timestamptz)"
INDUSTRIES = ("Cars", "Hair care", "Food", "Clothing")
PAST, ROWS_AN_HOUR, CHANGES_AN_HOUR = 8, 64, 12  # a machine that is slow or busy changes as much; the past is of hours
REACH, STAYS_OPEN = 2.0, 2.0  # hours: how old a row may be that is changed, and how long its transaction may stay open
GRACE = 6  # hours: loads with this grace see every change, since nothing is committed that late


@dataclass
class Late:
    """A transaction that stays open."""

    connection: Any
    begun: float
    ends: float


@dataclass
class Writer:
    """Its connections and how far it has written."""

    dsn: str
    chance: random.Random
    drift_from: float
    written: float | None = None
    due: float = 0
    idle: list[Any] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        """Do one thing, at the hour that the server's clock shows."""
        hour = self.hour()
        for transaction in [open_ for open_ in self.late if hour >= open_.ends]:
            self.end(transaction, hour)
        since = hour - PAST if self.written is None else self.written
        if hour > since:
            rows = self.new_rows(since, hour)
            self.written = hour
            for part in (rows[::2], rows[1::2]):
                self.run("insert", hour, f"insert into public.scores values {', '.join(part)}", may_stay_open=hour - since <= REACH)
            self.due += CHANGES_AN_HOUR * min(1.0, hour - since)
            return
        if self.due < 1:
            return
        self.due -= 1
        older = f"time between to_timestamp({(hour - REACH) * 3600}) and to_timestamp({(hour - 1) * 3600})"
        recent = f"time > to_timestamp({(hour - REACH) * 3600})"
        again = f"select id, score + 0.01, industry, to_timestamp({hour * 3600}) from public.scores where {older} order by random() limit 1"
        chosen = f"ctid = any(array(select ctid from public.scores where {recent} order by random() limit 3 for update skip locked))"
        what, statement = self.chance.choice(
            [
                ("update", f"update public.scores set score = round((0.35 + 0.3 * random())::numeric, 3) where {chosen}"),
                ("update", f"update public.scores set industry = upper(industry) where {chosen}"),
                ("update", f"update public.scores set score = 'NaN' where {chosen} and random() < 0.03"),
                ("move", f"update public.scores set time = time - interval '30 minutes' where {chosen}"),
                ("again", f"insert into public.scores {again}"),
                ("delete", f"delete from public.scores where {chosen} and random() < 0.5"),
            ]
        )
        self.run(what, hour, statement)

    def hour(self) -> float:
        """Return what the server's clock shows."""
        connection = self.connection()
        with connection.cursor() as cursor:
            cursor.execute("select hour from clock.stands")
            ((hour,),) = cursor.fetchall()
        connection.rollback()
        self.idle.append(connection)
        return float(hour)

    def connection(self) -> Any:
        """Return a connection that nothing is open on."""
        return self.idle.pop() if self.idle else dbapi.connect(self.dsn)

    def new_rows(self, since: float, hour: float) -> list[str]:
        """Return as many rows as come in that time, two at least."""
        times = [self.chance.uniform(since, hour) for _ in range(max(2, round((hour - since) * ROWS_AN_HOUR)))]
        return [self.row(time, INDUSTRIES[place % len(INDUSTRIES)]) for place, time in enumerate(times)]

    def row(self, time: float, industry: str) -> str:
        """Return a row; from an hour on, one industry's scores are higher."""
        higher = 0.5 if industry == "Food" and time >= self.drift_from else 0
        self.counts["row"] += 1
        score = round(self.chance.uniform(0.35, 0.65) + higher, 3)
        return f"('a{self.counts['row']}', {score}, '{industry}', to_timestamp({time * 3600:.3f}))"

    def run(self, what: str, hour: float, statement: str, *, may_stay_open: bool = True) -> None:
        """Run a statement, and commit it at once or leave its transaction open."""
        connection = self.connection()
        with connection.cursor() as cursor:
            cursor.execute(statement)
        self.counts[what] += 1
        if may_stay_open and len(self.late) < 4 and self.chance.random() < 0.4:
            self.late.append(Late(connection, hour, hour + self.chance.uniform(0.1, STAYS_OPEN)))
        else:
            connection.commit()
            self.idle.append(connection)

    def end(self, transaction: Late, hour: float) -> None:
        """Commit what stayed open, or give it up: by chance, or because loads read only the grace again."""
        self.late.remove(transaction)
        is_kept = hour - transaction.begun + REACH < GRACE - 1 and self.chance.random() < 0.9
        (transaction.connection.commit if is_kept else transaction.connection.rollback)()
        self.counts["committed late" if is_kept else "given up"] += 1
        self.idle.append(transaction.connection)

    def forget_connections(self) -> None:
        """Begin anew after the server has gone, with all that was open."""
        self.idle.clear()
        self.late.clear()
        self.counts["lost the server"] += 1


def main(dsn: str, seed: str, drift_from: str) -> None:
    """Write until the input ends."""
    writer = Writer(dsn, random.Random(int(seed)), float(drift_from))
    while not select.select([sys.stdin], [], [], writer.chance.uniform(0, 0.2))[0]:
        try:
            writer.step()
        except dbapi.Error:
            writer.forget_connections()
    hour = writer.hour()
    for transaction in [*writer.late]:
        writer.end(transaction, hour)
    print(json.dumps(writer.counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
