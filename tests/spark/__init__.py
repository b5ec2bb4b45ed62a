"""The same models on Spark and on DuckDB: a cluster on this machine, both builds, and a comparison of every mart."""
