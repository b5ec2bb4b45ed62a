"""The house rules that dbt-bouncer cannot check: `python -m tests.conventions TARGET`."""
