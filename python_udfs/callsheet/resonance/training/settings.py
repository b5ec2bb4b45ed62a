"""What a training run is asked for, and the outcomes that heads are trained on."""

import json

from pydantic import BaseModel, ConfigDict

LABELS = ("high_resonance", "over_budget_peer")


class Settings(BaseModel):
    """What a run is asked for; `alpha_cycle` and `synergy_weight` are None where they are to be chosen."""

    model_config = ConfigDict(frozen=True)

    seed: int
    train_cutoff_year: int
    validation_years: int
    cycle_years: float
    alpha_cycle: float | None
    synergy_weight: float | None
    bootstrap_draws: int
    fit_rows_limit: int

    @classmethod
    def read(cls, text: str) -> "Settings":
        """Read the settings of a planned run."""
        return cls.model_validate({name.removeprefix("resonance_"): value for name, value in json.loads(text)["vars"].items()})
