"""Opening what views and pages carry concealed, at the last moment before somebody reads it."""

from bot.presenter.cleaning import Reveal
from storage.cipher import Cipher, Undecipherable


def revealer(cipher: Cipher) -> Reveal:
    """Give what opens concealed texts with the installation's key.

    What it gives raises a LookupError for a text that is another's, or of another key.
    """

    def reveal(place: str, concealed: str) -> str:
        try:
            return cipher.decrypt(concealed, place)
        except Undecipherable as error:
            raise LookupError(place) from error

    return reveal
