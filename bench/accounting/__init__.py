"""What a process tree uses: totals in layers, series for charts, each with its method and bound.

Nothing here knows of strategies, hosts or runs. It reads from outside, in the process whose descendants it counts.
"""
