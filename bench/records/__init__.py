"""The records that travel from the measurement to the report: frozen, plain, and free of behaviour.

All times are seconds, all sizes bytes. `None` means unknown. A run file is these records as JSON, one a line
(`bench.store.runs`); nothing here reads, writes, measures or prints.
"""
