"""Build a product's models on Apache Spark, in the environment of requirements-spark.lock.

python scripts/run_on_spark.py --help
"""

import _ending  # noqa: F401
from callsheet.tools import main

if __name__ == "__main__":
    main("run_on_spark")
