"""Metrics: plain functions on feature arrays; they import neither models nor torch."""
