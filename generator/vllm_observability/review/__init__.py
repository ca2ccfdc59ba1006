"""What happened: the story of a week, and of an incident."""
