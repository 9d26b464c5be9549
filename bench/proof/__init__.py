"""The evidence for the gate: real checks of code whose change is known, beside other tools given the same time."""
