"""What people read: an HTML page, Markdown for a pull request, JUnit XML for a CI server."""
