# Set-up on Windows: .\setup.ps1, with --dev for what tests need; the same as py -m kerascomp.setup
Set-Location $PSScriptRoot
if (Get-Command py -ErrorAction SilentlyContinue) { py -m kerascomp.setup @args } else { python -m kerascomp.setup @args }
