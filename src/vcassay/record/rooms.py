"""Rooms: the questions that the leakage checks and the biology diagnostics ask, in their order."""

from __future__ import annotations

ROOMS = {
    "roles": "Is each condition on one side?",
    "kin": "Are relatives of the test conditions in training?",
    "cells": "Are cells, controls or their numbers shared?",
    "given": "What was the model given?",
    "answers": "Do its answers give a leak away?",
}
"""Name to question; a finding without a room, of an older or a foreign check, comes last."""

BIOLOGY_ROOMS = {
    "dose": "Does increasing dose move the predicted state as it moves cells?",
    "mechanism": "Do drugs of one mechanism cluster more than drugs of one chemistry?",
    "stress": "Is there more than general toxicity and stress?",
    "pathway": "Do drugs act on the pathway of their target, and does training on it help?",
    "modality": "Are an inhibitor and the knock-down of its target nearby, and does genetic evidence help?",
    "attribution": "Is the response due to plausible genes, rather than to batch or cell line?",
    "specificity": "What is left beyond the mean of perturbation and context?",
    "universal": "Does what always holds hold?",
}
"""Biology's questions: the founding document's five, each followed by its control."""

OTHER = "Other checks"
