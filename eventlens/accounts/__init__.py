"""Who may do what: projects, clients, filters, salts, first set-up. Touches the catalog only."""
