/* Requests that come through: what the network or a busy server refuses is sent again, after growing pauses. */

const PAUSES = [1000, 2000, 3000, 5000, 8000];
const LONGEST = 20000;

class Server {
  /**
   * @param {string} token of the rater
   * @param {(reason: string) => void} trouble told why something has to be sent again
   */
  constructor(token, trouble) {
    this.token = token;
    this.trouble = trouble;
    this.closed = false;
  }

  /** Post to one of our routes; its answer has `error` set when sending again cannot mend it. */
  async post(name, body) {
    const answer = await this.reach(`/rating/${name}`, this.posting(body), [502, 503, 504]);
    return answer.json().catch(() => ({ error: "server", message: "The server could not answer. Please try again." }));
  }

  /** Fetch the image of a slot; an answer with `error` set when it is not to be had. */
  async image(slot) {
    const answer = await this.reach(`/rating/image/${slot}.png`, {}, [500, 502, 503, 504]);
    return answer.ok ? answer.blob() : answer.json().catch(() => ({ error: "server" }));
  }

  /** Tell the server something that nobody waits for. */
  note(kind, detail = "") {
    fetch("/rating/note", { ...this.posting({ kind, detail }), keepalive: true }).catch(() => {});
  }

  posting(body) {
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    return { method: "POST", headers, body: JSON.stringify(body) };
  }

  async reach(address, options, passing) {
    for (let failures = 0; !this.closed; failures += 1) {
      const reason = await fetch(address, { ...options, signal: AbortSignal.timeout(LONGEST) }).then(
        (answer) => (passing.includes(answer.status) ? "The server is busy." : answer),
        () => "No connection to the server.",
      );
      if (typeof reason !== "string") return reason;
      this.trouble(reason);
      await waiting(PAUSES[Math.min(failures, PAUSES.length - 1)]);
    }
    return new Promise(() => {}); // the page is gone, and nobody waits
  }
}

/** Wait so many milliseconds, or until the network is back. */
const waiting = (milliseconds) =>
  new Promise((resolve) => {
    const ends = new AbortController();
    const done = () => (ends.abort(), resolve());
    setTimeout(done, milliseconds);
    window.addEventListener("online", done, { signal: ends.signal });
  });
