"""Draw a training run of resonance as PNG.

python scripts/plot_models.py --help
"""

import _ending  # noqa: F401
from callsheet.tools import main

if __name__ == "__main__":
    main("plot_models")
