"""Tests talk to this machine only."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError

STRANGER = ("192.0.2.1", 9)  # RFC 5737: nobody's address


def test_connecting_to_a_stranger_fails_the_test() -> None:
    with socket.socket() as client, pytest.raises(SocketConnectBlockedError):
        client.connect(STRANGER)


def test_connecting_to_this_machine_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())

        assert client.getpeername() == server.getsockname()
