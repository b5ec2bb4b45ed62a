"""New alerts to a webhook: what was not taken there waits in operations.alert_outbox for the next run."""

import json
import os
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import duckdb

from callsheet.runtime.errors import explain

URL_VARIABLE = "CALLSHEET_WEBHOOK_URL"  # holds a secret: never shown, never logged
# A correction changes the figures of a message. Rows that come late let it go and come back. It is the same alert.
_SAME = (
    "noted.kind = alerts.kind and noted.subject = alerts.subject and (noted.batch_no = alerts.batch_no or noted.message = alerts.message)"
)
_OURS = "product in ('percentiles', 'operations')"
_NOTE = f"""
    insert into operations.alert_outbox by name select kind, subject, message, timezone('UTC', now()) as noted_at, batch_no
    from operations.alerts where {_OURS} and not exists (from operations.alert_outbox as noted where {_SAME})
"""  # noqa: S608 - our own text
_POSTED = "update operations.alert_outbox set posted_at = timezone('UTC', now()) where posted_at is null and subject = ? and message = ?"
SECONDS = 10  # a webhook that takes longer is asked again by the next run


def tell(database: Path) -> list[str]:
    """Post each alert of percentiles that was not posted yet, where a webhook is named. Returns what a person has to know."""
    url = os.environ.get(URL_VARIABLE)
    if not url:
        return []
    try:
        with duckdb.connect(str(database), config={"autoinstall_known_extensions": False}) as connection:
            connection.execute(_NOTE)
            waiting = connection.execute(
                "select kind, subject, message from operations.alert_outbox where posted_at is null order by noted_at, kind, subject"
            ).fetchall()
            for place, (kind, subject, message) in enumerate(waiting):
                if not _is_taken(url, f"callsheet percentiles, {kind}: {message}"):
                    return [f"The webhook did not take {len(waiting) - place} of {len(waiting)} alerts: the next run posts them."]
                connection.execute(_POSTED, [subject, message])
    except duckdb.Error as error:
        raise explain(error, database) from error
    return []


def _is_taken(url: str, text: str) -> bool:
    """Post a text as Slack takes it. The reason of a failure may name the address, so it is not passed on."""
    try:
        request = Request(url, json.dumps({"text": text}).encode(), {"Content-Type": "application/json"})  # noqa: S310 - the person's own
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return 200 <= int(answer.status) < 300  # noqa: PLR2004
    except (OSError, ValueError, HTTPException):
        return False
