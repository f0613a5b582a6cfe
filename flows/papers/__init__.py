"""What is in a case's papers: content judged, sealed, kept once by its digest, and opened again."""
