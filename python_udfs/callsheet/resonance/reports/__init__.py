"""Pictures and folders of what was recommended."""
