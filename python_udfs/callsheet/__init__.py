"""The importable Python of callsheet: pure functions, and what the scripts share."""
