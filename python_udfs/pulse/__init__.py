"""Casting breakdowns: reading of files, rates, the sample."""
