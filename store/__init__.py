"""The one database: engine, migrations, units of work. What the tables mean lives with their owners."""
