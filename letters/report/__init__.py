"""The annual report: its words, pages, paper and workbook."""
