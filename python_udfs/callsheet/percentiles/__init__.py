"""Python of the percentiles product."""
