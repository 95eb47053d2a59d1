"""jBPM's conditions over a case file: its data are the process variables ``caseFile_…``, as in jBPM's own scripts."""

import re
from collections.abc import Collection

from engine.definitions.foreign.braces import MVEL, read_expression
from engine.definitions.foreign.calls import Habits, resolve
from engine.definitions.foreign.feel import feel
from engine.definitions.foreign.syntax import Call, Expression, Literal, Member, Name, Untranslatable
from engine.definitions.foreign.walk import changed

_CASE = re.compile(r'CaseData\(\s*(?:definitionId\s*==\s*"(?P<case>[^"]*)"\s*,\s*)?(?P<test>.+)\)\s*;?', re.DOTALL)


def is_over_case_file(text: str) -> bool:
    """Say whether a condition is a rule's pattern over the case file and nothing else."""
    return _CASE.fullmatch(text) is not None


def condition_over_case_file(text: str, case_ids: Collection[str]) -> str:
    """Return FEEL for ``CaseData(definitionId == "…", data.get("x") == …)``.

    Raises :class:`Untranslatable` for the data of a case that is none of ``case_ids``, the processes of the diagram.
    """
    match = _CASE.fullmatch(text)
    if match is None:
        raise Untranslatable("规则语言 / A rule language")
    if match["case"] is not None and match["case"] not in case_ids:
        raise Untranslatable(f"案例“{match['case']}”不在图里 / The case {match['case']} is not in the diagram")
    return feel(resolve(changed(read_expression(match["test"], MVEL), _variable), Habits()))


def _variable(found: Expression) -> Expression | None:
    match found:
        case Call(Member(Name("data"), "get"), (Literal(str(name)),)):
            return Name(f"caseFile_{name}")
    return None
