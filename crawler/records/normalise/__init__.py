"""Values as sources write them -> as a record has them: the processors of the loaders."""
