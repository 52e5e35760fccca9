"""The workbook: every table as a sheet of text, which can be edited and imported without damage."""
