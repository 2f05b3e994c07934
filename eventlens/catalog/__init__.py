"""The relational tables and their migrations, no behaviour. Alone opens that database."""
