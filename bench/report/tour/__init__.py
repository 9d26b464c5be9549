"""The tour for teachers: its lessons in words, as a page and in a terminal."""
