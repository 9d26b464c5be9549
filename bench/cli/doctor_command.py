"""`doctor`: what this machine lets us measure, and how well."""

from dataclasses import replace

import click
import msgspec

from bench.cli.numbers import Number
from bench.cli.progress import RunProgress
from bench.doctor.examination import examine
from bench.doctor.noise import measure_noise
from bench.doctor.prover import prove
from bench.doctor.verdict import verdict_of
from bench.records.diagnosis import Diagnosis, Noise, Verdict

_NOISE_S = 8.0
_UNHEALTHY = 3


@click.command("doctor")
@click.option(
    "--noise",
    "noise_s",
    type=Number(0, 3600),
    default=_NOISE_S,
    show_default=True,
    metavar="SECONDS",
    help="For the noise floor, measured with one case as two; 0 for none.",
)
@click.option("--prove", "proving", is_flag=True, help="Also measure programs whose use is known (about a minute).")
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")  # fmt: skip
def command(noise_s: float, proving: bool, as_json: bool) -> int:
    """Show what can be measured on this machine and how well, with a hint wherever it could be better.

    Ends with status 3 if nothing can be measured here, or if a number of --prove lies outside its own stated bound.

    \b
    Examples:
      python -m bench doctor
      python -m bench doctor --noise 30
      python -m bench doctor --prove --noise 0
      python -m bench doctor --json | jq '.facts[] | select(.state != "good")'
    """
    with RunProgress() as progress:
        found = diagnose(noise_s, proving, progress)
    from bench.report.doctor.facts import diagnosis_text
    from bench.report.kit import terminal

    if as_json:
        terminal.show_text(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        terminal.show(diagnosis_text(found))
    return 0 if found.is_healthy else _UNHEALTHY


def diagnose(noise_s: float, proving: bool, progress: RunProgress) -> Diagnosis:
    """Everything that was asked for; the facts first, as what follows is work for the machine.

    Where nothing can be measured, the facts alone.

    Raises:
        MeasurementError: if measuring itself fails.
    """
    progress.say("looking at the machine")
    found = Diagnosis(examine(), Verdict())
    if noise_s and found.is_healthy:
        progress.say("measuring one case as if it were two")
        found = _with_noise(found, measure_noise(noise_s, progress.say))
    if proving and found.is_healthy:
        progress.say("measuring programs whose use is known")
        found = replace(found, proofs=list(prove(progress.say)))
    return replace(found, verdict=verdict_of(found.facts))


def _with_noise(found: Diagnosis, noise: Noise) -> Diagnosis:
    from bench.report.doctor.noise import noise_fact  # only now: nothing of the analysis is loaded while measuring

    return replace(found, noise=noise, facts=[*found.facts, noise_fact(noise)])
