"""Every act there is, by when it is done; the catalogue lists them all."""
