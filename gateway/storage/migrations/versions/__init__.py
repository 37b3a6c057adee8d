"""One file for each revision; what has been released is never edited."""
