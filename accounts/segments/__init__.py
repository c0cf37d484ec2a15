"""Segments: what a definition may say, how it reads as a sentence, and the SQL it becomes."""
