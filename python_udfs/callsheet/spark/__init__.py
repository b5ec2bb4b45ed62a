"""The same models on Apache Spark: the session, what it lands, and the functions that models call."""
