"""What every product's files have in common: their kind, their columns' names, the forms of their dates."""
