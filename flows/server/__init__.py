"""The desk's server: who gets in, what is asked, judged and sealed on the way to Prefect."""
