"""`python -m csplatform.demo`: the whole product on one machine, in the foreground."""
