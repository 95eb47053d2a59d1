"""Database engine, sessions, column types, identifiers and migrations."""

from engine.store.base import Base
from engine.store.bulk import insert_once, insert_rows
from engine.store.database import Database
from engine.store.models import Setting
from engine.store.types import Id, Json, SentenceJson, SentenceText, UtcDateTime, new_id

__all__ = [
    "Base",
    "Database",
    "Id",
    "Json",
    "SentenceJson",
    "SentenceText",
    "Setting",
    "UtcDateTime",
    "insert_once",
    "insert_rows",
    "new_id",
]
