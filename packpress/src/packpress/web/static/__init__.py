"""Pages without a server: the site over a build, asked in this process and written into a folder."""
