// One rater, one study. Answers are the only state: what is shown follows from them.

const study = JSON.parse(document.getElementById("study").textContent);
const element = (id) => document.getElementById(id);
const RATER = new RegExp(`^[\\p{L}\\p{M}\\p{N}${PUNCTUATION}]{1,${MOST_CHARACTERS}}$`, "u");
const SECONDS_A_TRIAL = 6;
const LARGEST_SCALE = 8;
const FRAME = 12; // pixels beside a picture, both sides together
const PHONE = window.matchMedia("(max-width: 640px)");

let rater = "";
let answers = [];
let shownAt = 0;

// Storage: what the browser keeps, under the study and the rater.

const answersKey = () => `kerascomp-rating:${study.name}:${rater}`;
const raterKey = `kerascomp-rating:${study.name}`;

function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    notice("This browser keeps nothing: download your answers before you close the page.");
  }
}

function recalled() {
  const text = stored(answersKey());
  try {
    const known = JSON.parse(text) || [];
    if (known.every(({ trial }, place) => trial === study.trials[place].name)) return known;
  } catch {
    // told below
  }
  store(`${answersKey()}:damaged`, text);
  notice("Earlier answers in this browser are damaged and cannot be read; this is a new start.");
  return [];
}

function notice(text) {
  element("notice").textContent = text;
  element("notice").hidden = false;
}

// The way through the study.

const current = () => study.trials[answers.length];

function begin(name) {
  rater = name;
  store(raterKey, rater);
  answers = recalled();
  show();
}

function answer(choice) {
  const trial = current();
  if (!trial || element("rating").hidden) return;
  answers.push({
    trial: trial.name,
    answer: choice,
    milliseconds: Math.round(performance.now() - shownAt),
    time: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
  });
  store(answersKey(), JSON.stringify(answers));
  show();
}

function undo() {
  if (!answers.length || !element("start").hidden) return;
  answers.pop();
  store(answersKey(), JSON.stringify(answers));
  show();
}

function leave() {
  store(raterKey, "");
  rater = "";
  answers = [];
  element("name").value = "";
  showOnly("start", "name");
}

// What is on screen.

function showOnly(id, focused = id) {
  for (const part of ["start", "rating", "end"]) element(part).hidden = part !== id;
  // Focus moves away from the button that was pressed: the space bar would press it again. In a
  // notebook's frame the page waits for a click and takes the focus from no cell.
  if (window === window.top || document.hasFocus()) element(focused).focus({ preventScroll: true });
}

function show() {
  const trial = current();
  if (!trial) {
    showOnly("end");
    return;
  }
  picture(element("original"), trial.original);
  picture(element("left").querySelector("img"), trial.left.image);
  picture(element("right").querySelector("img"), trial.right.image);
  const total = study.trials.length;
  element("position").textContent = `${answers.length + 1} of ${total}`;
  element("progress").max = total;
  element("progress").value = answers.length;
  element("undo").disabled = answers.length === 0;
  showOnly("rating");
  shownAt = performance.now();
}

function picture(image, key) {
  image.onload = () => resize(image);
  image.src = `data:image/png;base64,${study.images[key]}`;
}

// Pixels stay squares: a whole number of screen pixels each, as many as there is room for.
function resize(image) {
  const columns = PHONE.matches ? 2 : 3;
  const style = getComputedStyle(element("stage"));
  const padding = 2 * parseFloat(style.paddingLeft) + (columns - 1) * parseFloat(style.columnGap);
  const width = (element("stage").clientWidth - padding) / columns - FRAME;
  const height = window.innerHeight * (PHONE.matches ? 0.3 : 0.5);
  const room = Math.min(width / image.naturalWidth, height / image.naturalHeight);
  const exact = Math.min(LARGEST_SCALE, room);
  image.style.width = `${image.naturalWidth * (exact > 1 ? Math.floor(exact) : exact)}px`;
}

// The file of answers.

function quoted(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv() {
  const trials = new Map(study.trials.map((trial) => [trial.name, trial]));
  const lines = answers.map(({ trial, answer, milliseconds, time }) => {
    const { left, right } = trials.get(trial);
    const sides = [left, right].flatMap((side) => [side.codec, side.target_bytes ?? ""]);
    return [rater, trial, ...sides, answer, milliseconds, time].map(String).map(quoted).join(",");
  });
  return [HEADER, ...lines, ""].join("\n");
}

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.download = `answers-${study.name}-${rater.replaceAll(" ", "_")}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// What a rater does.

const KEYS = {
  ArrowLeft: () => answer("left"),
  ArrowRight: () => answer("right"),
  " ": () => answer("not sure"),
  u: undo,
  Backspace: undo,
};

function press(event) {
  const busy = event.repeat || event.ctrlKey || event.metaKey || event.altKey;
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  const typing = event.target.matches("input");
  const onButton = event.key === " " && event.target.matches("button");
  if (!action || busy || typing || onButton || !element("start").hidden) return;
  event.preventDefault();
  action();
}

function submit(event) {
  event.preventDefault();
  const name = element("name").value.normalize("NFC").trim();
  const valid = RATER.test(name);
  element("name-error").textContent = valid
    ? ""
    : `Please type a name of 1 to ${MOST_CHARACTERS} letters, digits, spaces, dots, apostrophes and hyphens.`;
  element("name").setAttribute("aria-invalid", String(!valid));
  if (valid) begin(name);
  else element("name").focus();
}

function onClick(selector, action) {
  for (const button of document.querySelectorAll(selector)) button.addEventListener("click", action);
}

document.addEventListener("keydown", press);
element("form").addEventListener("submit", submit);
onClick("#left", () => answer("left"));
onClick("#right", () => answer("right"));
onClick("#unsure", () => answer("not sure"));
onClick("#undo, #undo-last", undo);
onClick(".download", download);
onClick(".leave", leave);
window.addEventListener("resize", () => {
  for (const image of document.querySelectorAll("#stage img")) resize(image);
});

const total = study.trials.length;
element("count").textContent = element("total").textContent = total;
const minutes = Math.max(1, Math.round((total * SECONDS_A_TRIAL) / 60));
element("minutes").textContent = `${minutes} minute${minutes === 1 ? "" : "s"}`;
const last = stored(raterKey);
if (last) begin(last);
else showOnly("start", "name");
