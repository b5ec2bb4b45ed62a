"""resonance: films, casts and directors become features, models and slates."""
