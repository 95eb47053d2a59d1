"""Every room of the API, in the order of the document. A new one is added here, and nowhere else."""

from web.api.boxes import boxes
from web.api.campaigns import campaigns
from web.api.definitions import decisions, definitions, deployments
from web.api.findings import findings
from web.api.instances import history, instances
from web.api.levels import levels
from web.api.moves import schedule
from web.api.operating import operating
from web.api.operations import tasks_operations
from web.api.organisation import organisation
from web.api.papers import papers
from web.api.remarks import remarks
from web.api.scoring import scoring
from web.api.sheets import sheets
from web.api.tasks import tasks
from web.api.users import users

ROOMS = (
    tasks,
    tasks_operations,
    remarks,
    boxes,
    definitions,
    decisions,
    deployments,
    instances,
    history,
    campaigns,
    schedule,
    findings,
    sheets,
    levels,
    scoring,
    papers,
    operating,
    organisation,
    users,
)
