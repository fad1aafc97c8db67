"""Does the gate notice? The assistant is damaged on purpose, and changed harmlessly, and each time judged."""
