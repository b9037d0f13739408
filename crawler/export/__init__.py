"""The export: keys of the layout, schemas, writers, the durable log, manifest and commits, and the store."""
