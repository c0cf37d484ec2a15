"""Reads what the pages over several rooms show."""
