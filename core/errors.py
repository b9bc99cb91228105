"""The one exception that reaches a person."""


class ClinicodeError(Exception):
    """Something a user can act on, said in one sentence: what happened and what to do.

    Raised at the edges (command line, page, file reader). The command line prints it on one line and exits with 2, a
    page shows it as a message; nobody ever sees a traceback of it.
    """
