"""The words for why a server is not reached."""

from __future__ import annotations

from typing import Final

from web.gettext import lazy_gettext as _
from web.words import Words

CONNECTION_FAILURES: Final[Words] = {
    "ConnectionRefusedError": _("it refuses the connection; is it running, and the port right?"),
    "ConnectionResetError": _("it broke the connection off"),
    "TimeoutError": _("it does not answer in time"),
    "gaierror": _("the name of the server is not known"),
    "SSLCertVerificationError": _("its certificate is not valid for this name"),
    "SSLError": _("the encrypted connection does not come about"),
    "OSError": _("the network does not lead there"),
    "abort": _("it ended the connection"),
    "error": _("it does not understand what is asked"),
    "readonly": _("the folder may only be read"),
}
"""What Python calls the ways in which a connection fails, by the name of the exception."""
