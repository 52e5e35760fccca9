"""Publishing: from the tables of a valid package to the files of a build."""
