// The page: signs in, shows rooms and messages, and keeps them as the server says they are.
import { Socket } from "/socket.js";

const find = (id) => document.getElementById(id);
const PAGE = 200;
/** How long somebody types after the last key, in milliseconds. */
const TYPING_MS = 2000;

let token = sessionStorage.getItem("token") ?? "";
let me = JSON.parse(sessionStorage.getItem("me") ?? "null");
let socket;
let room;
const people = new Map();
const rooms = new Map();
const messages = new Map();
const present = new Map();

async function api(method, path, body) {
  const headers = { "content-type": "application/json", ...(token && { authorization: token }) };
  const answer = await fetch(`/api${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : null;
  const errors = Object.entries(json?.data ?? {}).map(([field, { message }]) => `${field}: ${message}`);
  if (!answer.ok) throw new Error([json?.message, ...errors].join(" "));
  return json;
}

/** Everything of a collection that is ours to see. */
async function all(collection, query = "") {
  const items = [];
  for (let page = 1; ; page++) {
    const found = await api("GET", `/collections/${collection}/records?skipTotal=1&perPage=${PAGE}&page=${page}${query}`);
    items.push(...found.items);
    if (found.items.length < PAGE) return items;
  }
}

function tell(problem = "") {
  find("problem").textContent = problem;
  find("problem").hidden = !problem;
}

/** Runs what a form asks for; what goes wrong is told above. */
function on(id, work) {
  find(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    tell();
    try {
      await work(Object.fromEntries(new FormData(event.target)), event.submitter?.value);
    } catch (error) {
      tell(error.message);
    }
  });
}

function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
}

on("door", async ({ email, password, name }, way) => {
  if (way === "join") await api("POST", "/collections/users/records", { email, password, passwordConfirm: password, name });
  const account = await api("POST", "/collections/users/auth-with-password", { identity: email, password });
  [token, me] = [account.token, account.record];
  sessionStorage.setItem("token", token);
  sessionStorage.setItem("me", JSON.stringify(me));
  begin();
});

on("open", async ({ name }) => {
  const made = await api("POST", "/collections/rooms/records", { name, owner: me.id });
  find("open").reset();
  rooms.set(made.id, made);
  await enter(made.id);
});

on("invite", async ({ user }) => {
  await api("PATCH", `/collections/rooms/records/${room.id}`, { "members+": user });
});

on("say", async ({ text }) => {
  await api("POST", "/collections/messages/records", { room: room.id, author: me.id, text });
  find("say").reset();
  show({ typing: false });
});

find("say").addEventListener("input", () => {
  show({ typing: true });
  clearTimeout(show.ends);
  show.ends = setTimeout(() => show({ typing: false }), TYPING_MS);
});

find("leave").addEventListener("click", leave);

function begin() {
  find("door").hidden = true;
  for (const id of ["leave", "status"]) find(id).hidden = false;
  document.querySelector("main").hidden = false;
  find("whoami").textContent = me.name;
  socket = new Socket(() => token, ["messages/*", "rooms/*", "users/*"], {
    event: hear,
    resync: () => load().catch((error) => tell(error.message)),
    signedOut: leave,
    status(isOpen) {
      find("status").textContent = isOpen ? "Live" : "Connecting …";
      find("status").toggleAttribute("data-open", isOpen);
      if (isOpen) connected().catch((error) => tell(error.message));
    },
  });
}

/** After the first connection everything is loaded; after later ones what was missed comes by itself. */
async function connected() {
  if (!connected.before) await load();
  connected.before = true;
  if (room) await join();
}

function leave() {
  socket?.close();
  sessionStorage.clear();
  location.reload();
}

async function load() {
  for (const [collection, kept] of [["users", people], ["rooms", rooms]]) {
    const found = await all(collection);
    kept.clear();
    for (const one of found) kept.set(one.id, one);
  }
  if (room) await enter(room.id);
  showRooms();
}

/** What happened, in the order in which it happened. */
function hear(topic, { action, record, ...rest }) {
  if (topic.startsWith("@channel/")) return showPresence({ action, ...rest });
  const kept = { "users/*": people, "rooms/*": rooms, "messages/*": messages }[topic];
  if (topic === "messages/*" && record.room !== room?.id) return;
  if (action === "delete") kept.delete(record.id);
  else kept.set(record.id, record);
  if (topic === "messages/*") return showMessages();
  if (room && !rooms.has(room.id)) room = undefined;
  showRooms();
  showPresence({});
}

async function enter(id) {
  if (room && room.id !== id) socket.ask({ type: "unsubscribe", topics: [`@channel/room/${room.id}`] }).catch(() => {});
  if (room && room.id !== id) socket.ask({ type: "untrack", channel: `room/${room.id}` }).catch(() => {});
  room = rooms.get(id);
  messages.clear();
  showRooms();
  const heard = await all("messages", `&sort=created&filter=${encodeURIComponent(`room = '${id}'`)}`);
  if (room?.id !== id) return;
  const since = [...messages];
  messages.clear();
  for (const message of heard) messages.set(message.id, message);
  // What came by the socket meanwhile is newer.
  for (const [key, message] of since) messages.set(key, message);
  showMessages();
  await join();
}

/** Shows on the channel of the room, and hears who else does. */
async function join() {
  const channel = `room/${room.id}`;
  const answer = await socket.ask({ type: "subscribe", topics: [`@channel/${channel}`] });
  present.clear();
  showPresence({ joined: answer.present?.[channel] ?? [] });
  await socket.ask({ type: "track", channel, state: { typing: false } });
}

function show(state) {
  if (!room || show.typing === state.typing) return;
  show.typing = state.typing;
  socket.ask({ type: "track", channel: `room/${room.id}`, state }).catch(() => {});
}

function showPresence({ joined = [], left = [] }) {
  for (const { key } of left) present.delete(key);
  for (const one of joined) present.set(one.key, one);
  const name = ({ user }) => people.get(user?.id)?.name;
  const names = [...new Set([...present.values()].map(name))].filter(Boolean).sort();
  find("present").replaceChildren(...names.map((name) => element("li", name)));
  const typing = [...present.values()].filter(({ state, user }) => state?.typing && user?.id !== me.id).map(name);
  find("typing").textContent = typing.length ? `${typing.join(", ")} ${typing.length > 1 ? "are" : "is"} typing …` : "";
}

function showRooms() {
  if (room) room = rooms.get(room.id) ?? room;
  const sorted = [...rooms.values()].sort((one, other) => one.name.localeCompare(other.name));
  const buttons = sorted.map((one) => {
    const button = element("button", one.name, { type: "button", onclick: () => enter(one.id).catch((error) => tell(error.message)) });
    if (one.id === room?.id) button.setAttribute("aria-current", "true");
    return button;
  });
  find("rooms").replaceChildren(...buttons);
  find("room").hidden = !room;
  find("nowhere").hidden = !!room;
  find("title").textContent = room?.name ?? "";
  const others = [...people.values()].filter(({ id }) => room && id !== room.owner && !room.members.includes(id));
  find("invite").hidden = !room || room.owner !== me.id || others.length === 0;
  find("invite").elements.user.replaceChildren(...others.map(({ id, name }) => element("option", name, { value: id })));
}

function showMessages() {
  const list = find("messages");
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const lines = [...messages.values()].map((message) => {
    const line = element("li", message.text, { id: message.id, className: message.author === me.id ? "own" : "" });
    const when = new Date(message.created.replace(" ", "T")).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const who = people.get(message.author)?.name ?? "Somebody";
    line.prepend(element("small", `${who} · ${when}${message.edited ? " · edited" : ""}`));
    return line;
  });
  list.replaceChildren(...lines);
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}

if (token && me) begin();
