/* One image, four buttons, keys 1 to 4. A choice counts once the server has said so; then comes the next image. */

/** What ends a rater's work here; the page around this block knows what to show instead. */
const ENDS = ["token", "consent", "closed"];

class Trial {
  constructor(root, { token, question, labels, width, height }) {
    this.root = root;
    this.labels = labels;
    this.server = new Server(token, (reason) => this.troubled(reason));
    this.trial = null;
    this.ready = false; // the image is on the screen and nothing is on its way
    this.choice = null;
    this.held = new Set(); // keys that have not been let go of
    this.ends = new AbortController();
    this.$(".question").textContent = question;
    this.buttons = labels.map((label, index) => this.button(index + 1, label));
    this.$(".row").replaceChildren(...this.buttons);
    Object.assign(this.$("img"), { width, height });
    this.listen();
    this.server.note("display", `${innerWidth}x${innerHeight}@${Math.round(devicePixelRatio * 100) / 100}`);
    this.next();
  }

  $(selector) {
    return this.root.querySelector(selector);
  }

  button(score, label) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "score" });
    button.setAttribute("aria-label", `${score}, ${label}`);
    const [number, words] = ["b", "span"].map((name) => document.createElement(name));
    number.textContent = score;
    words.textContent = label;
    button.append(number, words);
    button.addEventListener("click", (event) => {
      if (event.detail > 0) button.blur(); // of a mouse or finger: the next image finds no button marked
      if (event.detail <= 1) this.choose(score); // no double clicks
    });
    button.addEventListener("keydown", (event) => event.key === "Enter" && event.repeat && event.preventDefault());
    return button;
  }

  listen() {
    const { signal } = this.ends;
    document.addEventListener("keydown", (event) => this.pressed(event), { signal });
    document.addEventListener("keyup", (event) => this.held.delete(event.code), { signal });
    window.addEventListener("blur", () => this.held.clear(), { signal });
    this.$(".pause").addEventListener("click", () => this.pause(), { signal });
    this.$(".resume").addEventListener("click", () => this.resume(), { signal });
    this.$(".copy").addEventListener("click", () => this.copy(), { signal });
  }

  close() {
    this.ends.abort();
    this.server.closed = true;
    URL.revokeObjectURL(this.$("img").src);
  }

  pressed(event) {
    const score = ["1", "2", "3", "4"].indexOf(event.key) + 1;
    const typing = event.composedPath()[0].matches?.("input, textarea, select, [contenteditable]");
    if (!score || typing || event.ctrlKey || event.altKey || event.metaKey) return;
    const held = event.repeat || this.held.has(event.code);
    this.held.add(event.code);
    if (!held) this.choose(score);
  }

  async choose(score) {
    if (!this.ready) return;
    this.turn(false, score);
    this.say("");
    const answer = await this.server.post("score", { slot: this.trial.slot, score });
    if (answer.error === undefined) await this.show(answer.trial);
    else if (answer.error === "early") this.again("Please look a moment longer, then choose.");
    else if (answer.error === "gone") await this.next("That image waited too long and was passed on.");
    else if (ENDS.includes(answer.error)) this.leave();
    else this.again(answer.message, true);
  }

  /** Let the rater choose again for the image on the screen. */
  again(message, trouble = false) {
    this.turn(true);
    this.say(message, trouble);
  }

  async next(message = "") {
    this.turn(false);
    const answer = await this.server.post("next", {});
    if (answer.error === undefined) await this.show(answer.trial, message);
    else if (ENDS.includes(answer.error)) this.leave();
    else {
      this.say(answer.message, true);
      await waiting(5000);
      if (!this.server.closed) await this.next(message);
    }
  }

  async show(trial, message = "") {
    if (trial === null) {
      this.leave();
      return;
    }
    const blob = await this.server.image(trial.slot);
    if (blob.error === "missing") {
      this.say(blob.message, true); // asking again at once would not bring it back
      return;
    }
    if (blob.error !== undefined) {
      await this.next(message);
      return;
    }
    await this.draw(blob);
    const place = `${trial.practice ? "Practice" : "Image"} ${trial.number} of ${trial.of}`;
    const counts = this.trial?.practice && !trial.practice ? "Practice is over. From now on your answers count." : "";
    this.trial = trial;
    this.$(".place").textContent = place;
    this.$(".spoken").textContent = place;
    this.$("img").alt = place;
    this.$("progress").value = (trial.number - 1) / trial.of;
    this.again(message || counts);
  }

  /** Put an image on the screen, one of its pixels on one pixel of the page. */
  async draw(blob) {
    const image = this.$("img");
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(blob);
    await image.decode().catch(() => {});
    const stage = this.$(".stage");
    const wider = stage.scrollWidth > stage.clientWidth;
    this.$(".wider").hidden = !wider;
    if (wider) stage.tabIndex = 0; // so that arrow keys can move it
  }

  /** Show whether the rater can choose, and what they chose. */
  turn(ready, choice = null) {
    this.ready = ready;
    this.choice = choice;
    this.buttons.forEach((button, index) => {
      button.setAttribute("aria-disabled", !ready);
      button.setAttribute("aria-pressed", index + 1 === choice);
    });
  }

  say(message, trouble = false) {
    const status = this.$(".status");
    status.classList.toggle("trouble", trouble);
    status.textContent = message;
  }

  troubled(reason) {
    const label = this.labels[this.choice - 1];
    const next = this.choice ? `Your answer (${this.choice}, ${label}) is kept and sent again.` : "Trying again.";
    this.say(`${reason} ${next}`, true);
  }

  pause() {
    if (!this.ready) return;
    this.turn(false);
    this.server.note("pause");
    this.$(".link").textContent = location.href;
    this.swap(false);
    this.$(".break h2").focus();
  }

  async resume() {
    this.server.note("resume");
    this.swap(true);
    this.$(".pause").focus();
    await this.next();
  }

  swap(working) {
    this.$(".trial").hidden = !working;
    this.$(".break").hidden = working;
  }

  async copy() {
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    this.$(".copied").textContent = copied ? "Copied." : "Please select the link and copy it.";
  }

  /** Hand over to the page around; where that does not hear, load it anew. */
  leave() {
    this.tell(Date.now());
    setTimeout(() => this.server.closed || location.reload(), 5000);
  }
}

const trials = new WeakMap();

export default function mount({ parentElement, data, setTriggerValue }) {
  const trial = trials.get(parentElement) ?? new Trial(parentElement, data);
  trials.set(parentElement, trial);
  trial.tell = (value) => setTriggerValue("left", value);
  return () => trial.close();
}
