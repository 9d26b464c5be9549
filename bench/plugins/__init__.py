"""What user code is found by: the registry of workloads and strategies, how a source is loaded, what a name may be."""
