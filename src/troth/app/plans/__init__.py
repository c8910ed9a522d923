"""Plans as files and kept: words for people, approval, carrying out by workers, progress."""
