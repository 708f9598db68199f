"""The parts of `tests/bench/run`, in reading order: servers, api, seed, load, scenarios, growth, isolation, report."""
