"""The demo world: two tenants with a history that tells stories, made from a seed."""
