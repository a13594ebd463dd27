"""What readers see: words, pictures, workbook and report, made from tidy tables only."""
