"""Pulse: sentiment scores, keyed noise, the one-shot build and the way back from a bucket to its rows."""
