"""Every section of ``plan.yaml``. A part adds its own here, and nowhere else (docs/plans.md)."""

from workflows.awards.rules import AWARDS, RANKINGS
from workflows.cascade.section import CASCADE
from workflows.counters.ladder import COUNTERS
from workflows.evaluation.section import EVALUATION, GROUPS, ITEMS
from workflows.findings.section import LEDGER
from workflows.opinions.section import POLLS
from workflows.parts.calendar import TERMS
from workflows.plans.core import CORE
from workflows.plans.section import Section
from workflows.registers.sections import FREQUENCIES, REGISTERS
from workflows.reporting.section import REPORTS
from workflows.rosters.sections import CHECKLISTS, ROSTERS
from workflows.scoring.schemes import SCORING
from workflows.targets.section import TARGETS

PARTS = (
    TERMS,
    SCORING,
    COUNTERS,
    RANKINGS,
    AWARDS,
    REGISTERS,
    FREQUENCIES,
    TARGETS,
    ROSTERS,
    CHECKLISTS,
    POLLS,
    LEDGER,
)
"""What the parts of a campaign add (docs/campaign-parts.md)."""

SECTIONS: tuple[Section, ...] = (*CORE, REPORTS, CASCADE, GROUPS, ITEMS, EVALUATION, *PARTS)
