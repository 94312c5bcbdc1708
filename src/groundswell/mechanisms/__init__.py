"""What happens: one mechanism a file, none imports another."""
