"""Who may do what: projects, clients, salts, first set-up. Touches the catalog only."""
