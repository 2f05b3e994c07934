"""What is accepted and not yet applied, kept durable. Alone touches the queue's technology."""
