# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of click that never end in a traceback: every error has its exit status."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from .findings import Exit, PatchgenError

__all__ = ["Command", "Group"]


class Command(click.Command):
    """A command that never ends in a traceback."""

    def main(self, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run, and turn every error into its exit status."""
        keywords["standalone_mode"] = False
        try:
            status = super().main(*arguments, **keywords)
        except click.exceptions.Exit as stop:
            status = stop.exit_code
        except SystemExit as stop:  # click's own answers: 0 for completion, 1 where the reader went away
            status = Exit.UNUSABLE if stop.code else Exit.CLEAN
        except click.Abort:
            status = Exit.UNUSABLE
        except click.ClickException as error:
            error.show()
            status = Exit.UNUSABLE
        except PatchgenError as error:
            click.echo(str(error.finding), err=True)
            status = error.status
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - the reader went away; nothing more to flush
            status = Exit.UNUSABLE
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            status = Exit.UNUSABLE
        except OSError as error:
            program = (getattr(self.callback, "__module__", None) or "").partition(".")[0]
            click.echo(f"{error.filename or program}: error: {error.strerror} [environment]", err=True)
            status = Exit.UNUSABLE
        except RecursionError:
            click.echo("error: the input is nested too deeply [environment]", err=True)
            status = Exit.UNUSABLE
        sys.exit(int(status or 0))


class Group(Command, click.Group):
    """A group whose commands never end in a traceback."""
