"""The registers beside that of applications: reviews and suits, records, publication, enquiries."""
