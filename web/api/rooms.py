"""Every room of the API, in the order of the document. A new one is added here, and nowhere else."""

from web.api.boxes import boxes
from web.api.operations import tasks_operations
from web.api.tasks import tasks

ROOMS = (tasks, tasks_operations, boxes)
