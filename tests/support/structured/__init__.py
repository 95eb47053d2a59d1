"""Block-structured diagrams: a tree of blocks, its drawing as BPMN, and a plain interpreter of the tree itself."""
