"""The organisation as a document: synchronisation, Excel in and out, what was changed and by whom."""
