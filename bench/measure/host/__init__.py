"""The measured process: `main` is what it runs. Standard library only."""
