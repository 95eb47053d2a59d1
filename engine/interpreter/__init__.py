"""Runs BPMN: the only room that imports SpiffWorkflow. Snapshot and stimulus in, snapshot and effects out."""
