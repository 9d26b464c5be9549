"""Our accounting as a command of its own, so that it is measured as the other tools are.

python accounting_meter.py BEST SAMPLER HZ FILE COMMAND...      writes what was found as JSON
"""

import dataclasses
import json
import sys
from pathlib import Path

from bench.accounting.command import measure_command


def main(best, sampler, hz, file, *command):
    measured = measure_command(command, best=best, sampler=sampler, sample_hz=float(hz))
    sys.stdout.buffer.write(measured.output)
    Path(file).write_text(json.dumps(dataclasses.asdict(measured.finished)), encoding="utf-8")
    sys.exit(measured.status)


main(*sys.argv[1:])
