"""What a scenario can look at: all subjects by the names that expectations use."""

from collections.abc import Mapping

from workflows.scenarios import observe_campaigns, observe_parts, observe_plans, observe_rounds, observe_tasks
from workflows.scenarios.subject import Subject

SUBJECTS: Mapping[str, Subject] = {
    **observe_tasks.SUBJECTS,
    **observe_campaigns.SUBJECTS,
    **observe_parts.SUBJECTS,
    **observe_plans.SUBJECTS,
    **observe_rounds.SUBJECTS,
}
