"""A function of a JSON object; each line of urls.jsonl is one. It sleeps where yours would ask the network.

python -m bench run urls.py:fetch --inputs urls.jsonl
"""

import time
from typing import Any


def fetch(page: dict[str, Any]) -> dict[str, Any]:
    """Wait as long as the page takes, and say what came."""
    time.sleep(page["wait_s"])
    return {"url": page["url"], "status": 404 if "missing" in page["url"] else 200}
