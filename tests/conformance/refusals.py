"""The suite of broken models: each breaks one rule of the BPMN specification and must not be deployed."""

from pathlib import Path

from engine.testing import Playground, RefusedDiagram
from tests.conformance.outcome import Case, Outcome


def try_case(path: Path, case: Case) -> Outcome:
    """Deploy; only a refusal is right."""
    playground = Playground()
    try:
        playground.deploy(path)
    except RefusedDiagram as error:
        return Outcome(case, passed=True, taken=False, detail=str(error))
    finally:
        playground.close()
    return Outcome(case, passed=False, reason="was not refused")
