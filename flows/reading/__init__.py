"""What other units have sent, opened: Word, web page, workbook, PDF, `tables.json`."""
