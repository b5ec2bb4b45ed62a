"""Tests and checks."""
