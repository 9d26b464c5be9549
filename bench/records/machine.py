"""The record of where a run was measured: the machine and the interpreter."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a run was measured. Holds no user name, host name or absolute path unless `identity` was asked for."""

    os: str
    kernel: str
    machine: str
    cpu_model: str
    logical_cores: int
    physical_cores: int | None
    affinity_cores: int | None
    quota_cores: float | None
    """CPU quota of the control group, in cores; None where there is none."""
    usable_cores: int
    """What this process may use: the least of the above."""
    usable_cores_from: str
    """Which of them decided: `logical cores`, `affinity` or `cgroup quota`."""
    governor: str | None
    memory_bytes: int
    python: str  # such as `3.13.0t`, where the build is free-threaded
    python_implementation: str
    python_build: str
    python_compiler: str
    gil: bool
    """Whether this interpreter runs with a global interpreter lock."""
    start_method: str
    """The default start method of multiprocessing."""
    packages: dict[str, str]
    git_commit: str | None
    git_dirty: bool | None
    load_1m: float | None  # mean number of runnable processes in the minute before the run
    clock_resolution_s: float
    identity: dict[str, str] | None = None
    """Host, user and folders, recorded only when asked for."""
