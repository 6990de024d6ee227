"""Stage 2: validate the evidence, one room a question; the rooms never import each other."""
