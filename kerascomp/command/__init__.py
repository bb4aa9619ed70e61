"""The command `kerascomp`: picture files to .kc files and back, and the tools of the course."""
