"""A coroutine function: it is measured under the strategies that run an event loop, and no others.

python -m bench run async_function.py:reply --inputs 1..20
"""

import asyncio


async def reply(number: int) -> str:
    """Wait as a client does, 5 ms or a little more, and answer."""
    await asyncio.sleep(0.005 + number % 3 / 1000)
    return f"reply {number}"
