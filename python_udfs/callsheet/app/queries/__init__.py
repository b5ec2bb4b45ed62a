"""The SQL of the pages, one module per product. Values are always parameters; what a person types never becomes SQL."""
