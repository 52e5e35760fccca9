"""Static sites: the site over a build, rendered in this process and written as files."""
