"""vcassay, the virtual cell assay: tells whether a virtual cell's claim holds."""
