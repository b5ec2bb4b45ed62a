"""From features to fitted heads and their evaluation."""
