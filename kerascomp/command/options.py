"""Arguments and options that several commands have."""

from typing import Annotated

import typer

Paths = Annotated[
    list[str],
    typer.Argument(help="files or folders, and last where to write", metavar="IN... OUT"),
]
Force = Annotated[bool, typer.Option("--force", help="replace files of this kind that exist")]
Skip = Annotated[bool, typer.Option("--skip-existing", help="leave out what was written before")]
MaxPixels = Annotated[int, typer.Option(help="refuse images that claim more", min=1)]
LARGEST = 1 << 26  # pixels: 8192×8192

Model = Annotated[
    str | None,
    typer.Option(
        help="a name that `kerascomp models` lists", show_default="one that fits the image"
    ),
]
Quality = Annotated[
    float | None, typer.Option(help="0 (smallest files) to 1 (best images)", min=0, max=1)
]
TargetBytes = Annotated[
    int | None, typer.Option(help="choose the quality for files of this size", min=1)
]
Iterations = Annotated[
    int | None, typer.Option(help="bit-planes of a recurrent model's file", min=1, max=16)
]
TargetPSNR = Annotated[
    float | None, typer.Option(help="as many bit-planes as reach this PSNR in dB", min=1)
]
Effort = Annotated[
    int,
    typer.Option(
        help="steps, some hundred, of a search for a better file; Ctrl-C ends a photograph's", min=0
    ),
]

DropAlpha = Annotated[bool, typer.Option("--drop-alpha", help="leave out transparency")]
Background = Annotated[
    str | None, typer.Option(help="put a color behind transparency", metavar="COLOR")
]
To8Bit = Annotated[bool, typer.Option("--to-8-bit", help="leave out the lower of 16 bits")]
