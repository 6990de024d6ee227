"""Fetching a published file: resumed where it stopped, checked, and whole under its name or not there at all."""

from vcassay.screen.fetch.fetched import Fetched, fetch
from vcassay.screen.fetch.offer import Offer, ask

__all__ = ["Fetched", "Offer", "ask", "fetch"]
