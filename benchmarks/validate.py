"""Times our validator beside frictionless on the real package, as whole commands, and prints the ratio.

Run it with `python -m benchmarks.validate`. Machines are noisy: only the ratio of one run means anything.
"""

import subprocess
import sys
import time
from statistics import median

ROUNDS = 7
COMMANDS = {
    "ours": [sys.executable, "-m", "scripts.validate"],
    "frictionless": [sys.executable, "-m", "scripts.second_opinion"],
}


def time_command(words: list[str]) -> float:
    """Seconds that a command takes from start to end."""
    start = time.perf_counter()
    subprocess.run(words, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the median of each and the ratio; the two take turns, so that noise meets both."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, words in COMMANDS.items():
            times[name].append(time_command(words))
    for name, taken in times.items():
        print(f"{name}: median {median(taken):.2f} s, best {min(taken):.2f} s of {ROUNDS}")
    ratio = median(times["frictionless"]) / median(times["ours"])
    print(f"frictionless takes {ratio:.2f} times as long as ours")


if __name__ == "__main__":
    main()
