# SPDX-License-Identifier: GPL-3.0-or-later
"""A command of click that never ends in a traceback: every error has its exit status."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from patchgen.findings import Exit, PatchgenError

__all__ = ["Command"]


class Command(click.Command):
    """A command that never ends in a traceback."""

    def main(self, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run, and turn every error into its exit status."""
        keywords["standalone_mode"] = False
        try:
            end = super().main(*arguments, **keywords)
        except click.exceptions.Exit as stop:
            end = stop.exit_code
        except click.Abort:
            end = Exit.UNUSABLE
        except click.ClickException as error:
            error.show()
            end = Exit.UNUSABLE
        except PatchgenError as error:
            click.echo(str(error.finding), err=True)
            end = error.status
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - the reader went away; nothing more to flush
            end = Exit.UNUSABLE
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            end = Exit.UNUSABLE
        except OSError as error:
            click.echo(f"{error.filename or 'buildcheck'}: error: {error.strerror} [environment]", err=True)
            end = Exit.UNUSABLE
        except RecursionError:
            click.echo("error: the input is nested too deeply [environment]", err=True)
            end = Exit.UNUSABLE
        sys.exit(int(end or 0))
