"""What a site chooses: records, reading from YAML, JSON or Jsonnet, and checks that name every mistake at once."""

from vllm_observability.settings.reading import load, parse
from vllm_observability.settings.site import ModelSettings, Objective, Settings, SettingsError

__all__ = ["ModelSettings", "Objective", "Settings", "SettingsError", "load", "parse"]
