"""Every section of ``plan.yaml``. A part adds its own here, and nowhere else (docs/plans.md)."""

from workflows.evaluation.section import EVALUATION, GROUPS, ITEMS
from workflows.plans.core import CORE
from workflows.plans.section import Section

SECTIONS: tuple[Section, ...] = (*CORE, GROUPS, ITEMS, EVALUATION)
