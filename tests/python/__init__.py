"""pytest: functions, whole runs on a temporary database, scripts."""
