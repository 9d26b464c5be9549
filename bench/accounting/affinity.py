"""Which CPUs this process may run on."""

import psutil


def allowed_cpus() -> set[int] | None:
    """Their numbers; None where the system does not tell."""
    try:
        return set(psutil.Process().cpu_affinity())
    except (AttributeError, psutil.Error):  # macOS has none
        return None
