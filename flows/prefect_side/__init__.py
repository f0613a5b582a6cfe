"""Everything that reaches into Prefect itself: contract tests hold it to what Prefect does."""
