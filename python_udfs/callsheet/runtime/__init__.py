"""What every script shares: where things are, dbt in this process, errors, run summaries, atomic writes."""
