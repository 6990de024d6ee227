"""Rooms: the questions that the leakage checks ask, in their order."""

from __future__ import annotations

ROOMS = {
    "roles": "Is each condition on one side?",
    "kin": "Are relatives of the test conditions in training?",
    "cells": "Are cells, controls or their numbers shared?",
    "given": "What was the model given?",
    "answers": "Do its answers give a leak away?",
}
"""Name to question; a finding without a room, of an older or a foreign check, comes last."""

OTHER = "Other checks"
