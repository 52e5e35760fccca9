"""Profiles of a site for machines that are busy."""

from dataclasses import replace

from packpress.web.profiles import Profile


def be_patient(profile: Profile) -> Profile:
    """A profile that gives a page ten times as long: a busy machine is no fault of the code."""
    limits = {name: 10 * value if name == "seconds" else value for name, value in profile.limits.items()}
    return replace(profile, limits=limits)
