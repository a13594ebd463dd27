"""The workbook of a result: sheets for planners, with formulas and charts of the spreadsheet."""
