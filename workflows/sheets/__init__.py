"""The rows of every part of a campaign as people read them: a table on a page, a sheet of a workbook."""
