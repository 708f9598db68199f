// One WebSocket for all that happens: it comes back by itself, and goes on behind the last event that was heard.

/** Waits between attempts, in milliseconds; the last one stays. */
const RETRY_MS = [100, 300, 1000, 2000];

export class Socket {
  #socket;
  #position;
  #topics;
  #hear;
  #tries = 0;
  #retry;
  #closed = false;
  #next = 1;
  #waiting = new Map();

  /**
   * `token()` says who is there; `topics` are heard of from the beginning on. `hear` has a function for each: `event(topic, data)`,
   * `resync()` (something was missed that is no longer kept), `status(isOpen)`, `signedOut()`.
   */
  constructor(token, topics, hear) {
    this.#topics = topics;
    this.#hear = hear;
    const connect = () => this.#connect(token);
    // A browser that has lost its network knows before the connection does.
    addEventListener("offline", () => this.#socket?.close());
    addEventListener("online", connect);
    this.reconnect = connect;
    connect();
  }

  /** Asks for something; resolves to the answer. */
  ask(message) {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) return reject(new Error("The connection was lost."));
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ ...message, id }));
    });
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
  }

  #connect(token) {
    clearTimeout(this.#retry);
    if (this.#closed || (this.#socket && this.#socket.readyState <= WebSocket.OPEN)) return;
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/realtime/ws`);
    this.#socket = socket;
    socket.onopen = async () => {
      try {
        await this.ask({ type: "auth", token: token() });
        const since = this.#position === undefined ? {} : { since: this.#position };
        await this.ask({ type: "subscribe", topics: this.#topics, ...since });
        this.#tries = 0;
        this.#hear.status(true);
      } catch {
        socket.close();
      }
    };
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(data));
    socket.onclose = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("The connection was lost."));
      this.#waiting.clear();
      if (this.#closed) return;
      this.#hear.status(false);
      this.#retry = setTimeout(this.reconnect, RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)]);
    };
  }

  #heard(message) {
    switch (message.type) {
      case "event":
        this.#hear.event(message.topic, message.data);
        // The rest of a change comes with its last event.
        if (message.seq !== undefined && !message.more) this.#position = message.seq;
        break;
      case "position":
        this.#position = message.seq;
        break;
      case "resync":
        this.#position = message.seq;
        this.#hear.resync();
        break;
      case "signedOut":
        this.#hear.signedOut();
        break;
      default: {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.type === "ok") waiting?.resolve(message);
        else waiting?.reject(new Error(message.message));
      }
    }
  }
}
