"""The package for campaigns that no row of the catalogue describes: compiled from its plan, and played to its end."""

from dataclasses import replace
from pathlib import Path

from engine.definitions.packages import read_folder
from workflows.plans.compiler.folder import compile_folder
from workflows.scenarios import play

FOLDER = Path(__file__).parents[2] / "bpmn/general-campaign"


def test_it_is_compiled_from_its_plan() -> None:
    outcome = compile_folder(FOLDER, check=True)
    assert not outcome.changes
    assert not outcome.refused


def test_chosen_units_go_from_the_launch_to_the_certificates() -> None:
    package = read_folder(FOLDER)
    scenario = (FOLDER / "scenarios/whole.yaml").read_bytes()
    result = play(replace(package, files={**package.files, "scenario.yaml": scenario}))
    assert result.error == ""
    assert [check for check in result.checks if not check.ok] == []
    assert len(result.checks) > 20
