"""The yardstick: bare SpiffWorkflow completing the same task in memory, and one commit of the same size."""

import os
import time
from collections.abc import Callable

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, insert

from engine.store import Database
from tests.bench.diagrams import NAMESPACES, linear_process


def bare_workflow(tasks: int) -> BpmnWorkflow:
    """Start stock SpiffWorkflow on the linear diagram."""
    xml = f'<bpmn:definitions {NAMESPACES} targetNamespace="bare">{linear_process("linear", tasks)}</bpmn:definitions>'
    parser = BpmnParser()
    parser.add_bpmn_str(xml.encode())
    workflow = BpmnWorkflow(parser.get_spec("linear"))
    workflow.do_engine_steps()
    return workflow


def bare_step(database: Database, tasks: int, size: int) -> Callable[[], float]:
    """Return a function that completes one task in memory, commits ``size`` bytes and tells the seconds it took.

    The commit goes through the same driver with the same durability settings, by the shortest way there is.
    """
    table = Table("bare_commit", MetaData(), Column("id", Integer, primary_key=True), Column("content", LargeBinary))
    table.create(database.sql, checkfirst=True)
    content = os.urandom(size)
    state = {"workflow": bare_workflow(tasks)}

    def step() -> float:
        ready = state["workflow"].get_next_task(state=TaskState.READY, manual=True)
        if ready is None:
            state["workflow"] = bare_workflow(tasks)
            ready = state["workflow"].get_next_task(state=TaskState.READY, manual=True)
        begun = time.perf_counter()
        ready.run()
        state["workflow"].do_engine_steps()
        with database.sql.begin() as connection:
            connection.execute(insert(table).values(content=content))
        return time.perf_counter() - begun

    return step
