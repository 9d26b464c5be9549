"""Programs whose use of CPU and memory is known, to hold the accounting to: `python -m bench doctor --prove`.

Each is run as a file by a process of its own and says the truth in its last line. Standard library only.
"""
