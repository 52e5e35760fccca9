"""`python -m packpress` is the command `packpress`."""

from packpress.cli import main

if __name__ == "__main__":
    main(prog_name="packpress")
