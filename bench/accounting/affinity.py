"""Which CPUs this process may run on, and how many they are."""

import psutil


def allowed_cpus() -> set[int] | None:
    """Their numbers; None where the system does not tell."""
    try:
        return set(psutil.Process().cpu_affinity())
    except (AttributeError, psutil.Error):  # macOS has none
        return None


def cpus() -> int:
    """How many CPUs this process may run on: all of the machine's where the system does not tell, and at least one."""
    return len(allowed_cpus() or ()) or psutil.cpu_count() or 1
