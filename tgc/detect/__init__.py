"""What plain Python finds in one text; light to import, for it runs in worker processes too."""
