"""What runs the course: lessons and their figures, stored rate points, the rating study, exercises.

A lesson begins with `run = runs.start(name)` and shows what it draws with `figures.save(run, …)`.
"""
