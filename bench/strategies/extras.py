"""Engines that others have made. Each is imported when its strategy is opened, and is an extra of this package."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bench.plugins.registry import missing, strategy
from bench.strategies.processes import DEFAULT_START_METHOD, START_METHOD_CHOICES


@strategy(
    "joblib_loky",
    isolation="process",
    unavailable=missing("joblib", extra="joblib"),
    aliases=("joblib", "joblib.Parallel", "loky"),
)
@contextmanager
def joblib_loky(workers: int, *, initializer: Callable[[], object] | None = None) -> Iterator[Callable[..., list[Any]]]:
    """`joblib.Parallel` with the backend loky, whose processes are shut down on leaving.

    With one worker joblib starts none, and runs the tasks in the measured process itself.
    """
    joblib = import_module("joblib")
    loky = import_module("joblib.externals.loky")
    try:
        asked = {"initializer": initializer} if initializer else {}
        with joblib.Parallel(n_jobs=workers, backend="loky", **asked) as parallel:
            yield lambda task, inputs: parallel(joblib.delayed(task)(each) for each in inputs)
    finally:
        executor = loky.get_reusable_executor(reuse=True)  # joblib would keep it, and its folder of arrays
        getattr(executor, "terminate", executor.shutdown)()  # which waits; one that joblib did not make has no folder


@strategy(
    "mpire",
    isolation="process",
    choices=START_METHOD_CHOICES,
    unavailable=missing("mpire", extra="mpire"),
    aliases=("mpire.WorkerPool",),
)
@contextmanager
def mpire(
    workers: int,
    start_method: str = DEFAULT_START_METHOD,
    *,
    initializer: Callable[[], object] | None = None,
    tasks_per_child: int | None = None,
) -> Iterator[Callable[..., list[Any]]]:
    """`mpire.WorkerPool.map` with workers that are kept from round to round."""
    import_module("tqdm").tqdm.monitor_interval = 0  # or mpire leaves the thread that watches progress bars
    engine = import_module("mpire")
    with engine.WorkerPool(n_jobs=workers, start_method=start_method, keep_alive=True) as pool:

        def call(task: Callable[[Any], Any], inputs: Sequence[Any]) -> list[Any]:
            # as a tuple of one each, because mpire would unpack inputs that are tuples, dicts and arrays
            tuples = [(each,) for each in inputs]
            asked = {"worker_init": initializer, "worker_lifespan": tasks_per_child}
            return list(pool.map(task, tuples, concatenate_numpy_output=False, **asked))

        yield call
        pool.stop_and_join()
