"""Columns of text: the same characters, compared and sorted the same, on every database.

SQLite compares byte by byte. So do the others here, whatever their own default is: `A` is not `a`, `é` is
not `e`, `a` is not `a` with a space behind it. What should be the same to people (an e-mail address in
capitals) is made the same before it is stored.
"""

from typing import Any, cast

from sqlalchemy import Column, String, Text
from sqlalchemy.dialects.mysql.base import MySQLTypeCompiler
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler
from sqlalchemy.ext.compiler import compiles

_MARIADB = " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
_MYSQL = " CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"
_POSTGRESQL = ' COLLATE "C"'


def compare_by_bytes() -> None:
    """Have every column of text made so, whoever makes it: a table of models or a migration."""
    compiles(String, "mysql", "mariadb")(_mysql_string)
    compiles(Text, "mysql", "mariadb")(_mysql_text)
    compiles(String, "postgresql")(_postgresql_string)
    compiles(Text, "postgresql")(_postgresql_text)


def _mysql_string(kind: String, compiler: MySQLTypeCompiler, **context: Any) -> str:
    return cast(Any, compiler).visit_VARCHAR(kind, **context) + _mysql_collation(compiler, context)


def _mysql_text(kind: Text, compiler: MySQLTypeCompiler, **context: Any) -> str:
    return cast(Any, compiler).visit_TEXT(kind, **context) + _mysql_collation(compiler, context)


def _postgresql_string(kind: String, compiler: PGTypeCompiler, **context: Any) -> str:
    return compiler.visit_VARCHAR(kind, **context) + (_POSTGRESQL if _defines_column(context) else "")


def _postgresql_text(kind: Text, compiler: PGTypeCompiler, **context: Any) -> str:
    return compiler.visit_TEXT(kind, **context) + (_POSTGRESQL if _defines_column(context) else "")


def _mysql_collation(compiler: MySQLTypeCompiler, context: dict[str, Any]) -> str:
    if "type_expression" in context and not _defines_column(context):
        return ""
    return _MARIADB if getattr(compiler.dialect, "is_mariadb", False) else _MYSQL


def _defines_column(context: dict[str, Any]) -> bool:
    """Types are written in casts too, where no collation may stand."""
    return isinstance(context.get("type_expression"), Column)
