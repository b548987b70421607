"""A room per maker: its models, how its requests are recognised, its file names; its template is in templates/."""
