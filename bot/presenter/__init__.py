"""Turns a view's data into a message for a platform with the templates.

Lives here: rendering, formats, and making people's text harmless. Not here: wording (templates/),
what a view holds (handlers/views), the platforms' limits and calls (bot/wecom, bot/dingtalk).
"""

from bot.presenter.rendering import (
    CardFault as CardFault,
    Form as Form,
    Presenter as Presenter,
    TextFault as TextFault,
)
