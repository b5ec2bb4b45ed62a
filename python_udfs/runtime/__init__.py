"""What every script shares: where things are, dbt in this process, errors, closing lines, atomic writes."""
