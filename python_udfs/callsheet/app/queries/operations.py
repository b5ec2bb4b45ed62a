"""What the Health page asks of the internal published files."""

import pandas as pd

from callsheet.app.published import Published

NEEDS = {
    "operations.runs": ("run_id", "started_at", "finished_at", "command", "node_count", "failed_count", "warned_count", "node_seconds"),
    "operations.run_steps": ("run_id", "node", "resource_type", "status", "duration_seconds", "message"),
    "operations.quarantine": ("product", "file_name", "position", "reject_reason"),
    "operations.alerts": ("product", "kind", "subject", "message"),
}
RELEASE_LOG = {"pulse.release_log": ("suppression_reason", "row_count", "reopened_at")}


def alerts(source: Published) -> pd.DataFrame:
    """Return what needs a look now."""
    return source.frame("select * from operations.alerts order by product, kind, subject")


def runs(source: Published) -> pd.DataFrame:
    """Return the last runs, the newest first."""
    return source.frame(
        """
        select *, epoch(finished_at - started_at) as wall_seconds
        from operations.runs
        order by started_at desc, run_id
        limit 200
        """
    )


def slowest(source: Published, run_id: str) -> pd.DataFrame:
    """Return the steps of a run that took longest."""
    return source.frame(
        """
        select node, resource_type, status, duration_seconds
        from operations.run_steps
        where run_id = ?
        order by duration_seconds desc, node
        limit 12
        """,
        run_id,
    )


def troubled(source: Published, run_id: str) -> pd.DataFrame:
    """Return the steps of a run that did not go well."""
    return source.frame(
        """
        select node, resource_type, status, message
        from operations.run_steps
        where run_id = ? and status not in ('success', 'pass', 'skipped')
        order by status, node
        """,
        run_id,
    )


def reasons(source: Published) -> pd.DataFrame:
    """Return how many records each product did not use, by reason."""
    return source.frame(
        """
        select product, reject_reason, count(*) as row_count, count(distinct file_name) as file_count
        from operations.quarantine
        group by all
        order by row_count desc, product, reject_reason
        """
    )


def rejected(source: Published, product: str, reason: str) -> pd.DataFrame:
    """Return where the records of a reason stand."""
    return source.frame(
        """
        select file_name, revision, position, payload_hash
        from operations.quarantine
        where product = ? and reject_reason = ?
        order by file_name, revision, position
        limit 500
        """,
        product,
        reason,
    )


def held_back(source: Published) -> pd.DataFrame:
    """Return what the pulse's release shows and holds back, exactly and by reason."""
    return source.frame(
        """
        select coalesce(suppression_reason, 'published') as outcome, count(*) as bucket_count, sum(row_count)::bigint as row_count
        from pulse.release_log
        where reopened_at is null
        group by all
        order by row_count desc, outcome
        """
    )
