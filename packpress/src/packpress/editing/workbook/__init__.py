"""The workbook: every table as a sheet of text that can be edited and read back without damage."""
