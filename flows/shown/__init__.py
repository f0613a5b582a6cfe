"""What officers see: briefs, dossiers, lists, alerts."""
