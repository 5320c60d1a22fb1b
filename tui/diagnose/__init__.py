"""What is known of failures: pure tables and rules, from texts and evidence to causes and cures."""
