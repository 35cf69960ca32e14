"""What is written: the files of a mix, and its manifest."""
