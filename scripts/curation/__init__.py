"""What knows our tables: the curation rules, anchors, drafts, and the commands that curators use."""
