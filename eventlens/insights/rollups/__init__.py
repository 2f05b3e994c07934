"""Answers computed ahead: a cache of what raw rows say of an hour or a day, never a sum of changes."""
