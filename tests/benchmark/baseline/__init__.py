"""The boto3 handler that the function is compared with, and the runtime loop that starts it."""
