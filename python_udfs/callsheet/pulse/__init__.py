"""Casting breakdowns: reading of files, rates, the sample; sentiment, keyed noise, the one-shot build and the way back from a bucket."""
