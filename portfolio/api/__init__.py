"""The REST API over several rooms."""
