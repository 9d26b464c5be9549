"""The process that starts hosts and watches them: `main` is what it runs."""
