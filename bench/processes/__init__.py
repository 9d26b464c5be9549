"""What every process of the tool needs: how one is started and spoken to, interrupted, ended, and what it may leave behind."""
