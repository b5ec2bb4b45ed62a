"""How often the statistical leak guards cry wolf: `python -m benchmarks.resonance_guards`.

Guards (c) and (e) judge a draw of chance, so each has a false-alarm rate. It is counted on synthetic worlds that leak nothing, beside how
often the guard catches a world that does; the table goes into docs/resonance.md.
"""

import argparse
from collections.abc import Callable, Iterable

import numpy as np
from callsheet.resonance.training.evaluation import billing_gap, has_billing_leak
from scipy.stats import binomtest

from benchmarks.resonance_real import write
from tests.leaks.worlds import billing, frame, is_off_one_half, shuffled_aurocs

SHUFFLES = 30  # as in the design


def billing_alarm(seed: int, leak: str | None) -> bool:
    """Say whether guard (c) alarms on the world of this seed."""
    data, films = billing(frame(seed, leak))
    return has_billing_leak(billing_gap(data, "actor_head_platt", films))


def shuffle_alarm(seed: int, is_leaky: bool) -> bool:
    """Say whether guard (e) alarms on the world of this seed; a leaky split holds out rows instead of years."""
    return is_off_one_half(shuffled_aurocs(frame(seed), not is_leaky, SHUFFLES, np.random.default_rng(seed)))


def cell(alarm: Callable[[int], bool], seeds: Iterable[int]) -> str:
    """Return alarms, worlds and the share with its 95 % interval."""
    alarms = [alarm(seed) for seed in seeds]
    share = binomtest(sum(alarms), len(alarms)).proportion_ci(method="wilson")
    return f"{sum(alarms)} of {len(alarms)} ({100 * share.low:.1f}–{100 * share.high:.1f} %)"


def main() -> None:
    """Count and rewrite the table."""
    parser = argparse.ArgumentParser(description="Count the false alarms of resonance's leak guards and write them into docs/resonance.md.")
    parser.add_argument("--worlds", type=int, default=200, help="honest worlds for guard (c); (e) gets a fifth, leaky ones a tenth")
    parser.add_argument("--print", action="store_true", help="print the table, leave the page")
    arguments = parser.parse_args()
    few, fewest = arguments.worlds // 5, arguments.worlds // 10
    text = "| guard | alarms in honest worlds | alarms in leaky worlds |\n|---|---|---|\n"
    text += "| (c) later-billed credits know more than the first: a director history shifted by rows | "
    text += f"{cell(lambda seed: billing_alarm(seed, None), range(1000, 1000 + arguments.worlds))} | "
    text += f"{cell(lambda seed: billing_alarm(seed, 'row_shift'), range(3000, 3000 + fewest))} |\n"
    text += f"| (e) mean AUROC of {SHUFFLES} shuffles off one half: credits of one film on both sides | "
    text += f"{cell(lambda seed: shuffle_alarm(seed, False), range(2000, 2000 + few))} | "
    text += f"{cell(lambda seed: shuffle_alarm(seed, True), range(4000, 4000 + fewest))} |\n"
    print(text)
    if not arguments.print:
        write("false alarms", text)


if __name__ == "__main__":
    main()
