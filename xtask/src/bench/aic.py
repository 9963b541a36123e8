"""Times one sweep of AIConfigurator itself, aggregated and disaggregated, and prints its milliseconds.

The figures are loaded before the clock starts, as ours are. Argument: the version that is installed.
"""

import logging
import sys
import time

logging.disable(logging.CRITICAL)


def old():
    from aiconfigurator.cli.main import AIConfigurator, load_config_from_yaml
    from aiconfigurator.sdk.perf_database import get_database

    get_database("h200_sxm", "trtllm", "0.20.0")
    config = load_config_from_yaml("QWEN3_32B", "h200_sxm", "trtllm", "0.20.0", 8, 4000, 500, 300.0, 10.0)
    return lambda: AIConfigurator().run(config)


def new():
    import contextlib
    import io

    from aiconfigurator.cli.api import cli_default
    from aiconfigurator.sdk.perf_database import get_database

    get_database("h200_sxm", "trtllm", "1.3.0rc20")

    def sweep(isl=4000):
        with contextlib.redirect_stdout(io.StringIO()):
            cli_default("Qwen/Qwen3-32B-FP8", 8, "h200_sxm", isl=isl, osl=500, ttft=300.0, tpot=10.0)

    # Whatever else is loaded on first use does not count either.
    sweep(isl=3000)
    return sweep


run = old() if sys.argv[1].startswith("0.2.") else new()
start = time.perf_counter()
run()
print((time.perf_counter() - start) * 1e3)
