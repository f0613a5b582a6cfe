"""The register of applications: read and written by acts; years closed; codes spent."""
