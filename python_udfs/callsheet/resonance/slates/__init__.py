"""From a brief to ranked slates."""
