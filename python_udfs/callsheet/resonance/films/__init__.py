"""Films come in: import, text repair and the sample world."""
