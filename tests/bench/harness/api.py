"""Speaks the HTTP API that every server under test shares."""

import http.client
import json

from .servers import EMAIL, PASSWORD, BenchError

BATCH_REQUESTS = 500
REQUEST_TIMEOUT_SECONDS = 180


class Client:
    """One kept-alive connection, signed in or not."""

    def __init__(self, server, token=""):
        self.server = server
        self.token = token
        self.conn = http.client.HTTPConnection("127.0.0.1", server.port, timeout=REQUEST_TIMEOUT_SECONDS)

    def raw(self, method, path, body=None, token=None):
        """Sends one request; `body` is text. Returns the status and the answer's bytes."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        used = self.token if token is None else token
        if used:
            headers["Authorization"] = used
        self.conn.request(method, path, body=body, headers=headers)
        answer = self.conn.getresponse()
        return answer.status, answer.read()

    def send(self, method, path, body=None):
        """Sends JSON and returns JSON; anything but a 2xx ends the run."""
        status, answer = self.raw(method, path, None if body is None else json.dumps(body))
        if status // 100 != 2:
            raise BenchError(f"{self.server.name}: {method} {path} answered {status}: {answer[:600]!r}")
        return json.loads(answer) if answer else None

    def create_many(self, collection, bodies):
        """Creates records through the batch API and returns their ids, in order."""
        path = f"/api/collections/{collection}/records"
        ids = []
        for at in range(0, len(bodies), BATCH_REQUESTS):
            part = bodies[at : at + BATCH_REQUESTS]
            requests = [{"method": "POST", "url": path, "body": body} for body in part]
            answers = self.send("POST", "/api/batch", {"requests": requests})
            ids += [answer["body"]["id"] for answer in answers]
        return ids

    def count(self, collection):
        """How many records a collection has."""
        return self.send("GET", f"/api/collections/{collection}/records?perPage=1&fields=id")["totalItems"]


def sign_in(server, collection="_superusers", email=EMAIL, password=PASSWORD):
    """The token of an account."""
    body = {"identity": email, "password": password}
    return Client(server).send("POST", f"/api/collections/{collection}/auth-with-password", body)["token"]


def superuser(server):
    """A client signed in as the superuser."""
    return Client(server, sign_in(server))
