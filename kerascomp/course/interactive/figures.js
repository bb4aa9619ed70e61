"use strict";
// Draws the figures of kerascomp.course.interactive that are on the page and not drawn yet. Each
// holds its data as JSON; a figure is drawn again when its width changes.
(() => {
  const SVG = "http://www.w3.org/2000/svg";

  function add(parent, name, attributes = {}, text = "") {
    const inSvg = name === "svg" || parent.namespaceURI === SVG;
    const element = inSvg ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    element.textContent = text;
    return parent.appendChild(element);
  }

  function onWidth(element, draw) {
    let width = 0;
    new ResizeObserver(() => {
      if (element.clientWidth === width || !element.clientWidth) return;
      width = element.clientWidth;
      draw(width);
    }).observe(element);
  }

  // A sheet of pictures of equal size, of which some are shown enlarged.
  function sheet({ source, width, height, columns }) {
    const image = new Image();
    image.src = source;
    return (parent, index, zoom, label) => {
      const canvas = add(parent, "canvas", { width, height, role: "img", "aria-label": label });
      canvas.style.width = `${width * zoom}px`;
      const at = [(index % columns) * width, Math.floor(index / columns) * height];
      const draw = () => canvas.getContext("2d").drawImage(image, ...at, width, height, 0, 0, width, height);
      if (image.complete) draw();
      else image.addEventListener("load", draw);
    };
  }

  function nearest(places, x, y) {
    const far = ([px, py]) => (px - x) ** 2 + (py - y) ** 2;
    let best = 0;
    places.forEach((place, index) => { if (far(place) < far(places[best])) best = index; });
    return best;
  }

  // Rate and quality of codecs: the nearest point says what it is; a click shows its pictures.
  function plane(root, { curves, bound, limits, hint, pictures }) {
    const [left, right, bottom, top] = limits, kept = [];
    const chart = add(root, "div", { class: "kc-chart", tabindex: "0", role: "application",
      "aria-label": "codecs; arrow keys go through the points, Enter shows pictures" });
    const said = add(root, "output", { class: "kc-said" }, hint);
    const key = add(root, "div", { class: "kc-key" });
    const shown = pictures && add(root, "div", { class: "kc-pictures" });
    const show = pictures && sheet(pictures);
    const points = curves.flatMap((curve, of) => curve.points.map((point) => ({ ...point, of })));
    let places = [], lines = [], ring, current = -1;

    function choose(index) {
      current = index;
      const { of, setting, bytes, bpp, psnr } = points[index];
      said.textContent = `${curves[of].label}${setting && ", "}${setting}: ` +
        `${bytes} bytes, ${bpp} bits per pixel, ${psnr.toFixed(1)} dB`;
      highlight(of);
      const [x, y] = places[index];
      ring.setAttribute("cx", x);
      ring.setAttribute("cy", y);
      ring.style.display = "";
    }

    function highlight(of) {
      lines.forEach((line, index) => line.classList.toggle("kc-faint", of >= 0 && index !== of));
    }

    function keep() {
      if (!pictures || current < 0 || !points[current].row) return;
      kept.unshift(current);
      kept.length = Math.min(kept.length, 3);
      drawPictures();
    }

    function drawPictures() {
      shown.textContent = "";
      for (const index of [-1, ...kept]) {
        const { of, setting, bytes, row } = points[index] ?? { row: 0 };
        const name = index < 0 ? "originals" : `${curves[of].label}, ${setting}, ${bytes} bytes`;
        const figure = add(shown, "figure");
        const strip = add(figure, "div");
        for (let column = 0; column < pictures.columns; column += 1)
          show(strip, row * pictures.columns + column, 2, `${name}, picture ${column + 1}`);
        add(figure, "figcaption", {}, name);
      }
    }

    onWidth(chart, (width) => {
      const height = Math.min(420, 180 + width * 0.35), margin = { left: 36, bottom: 40, top: 8 };
      const x = (bpp) => margin.left + (width - margin.left - 8) * Math.log(bpp / left) / Math.log(right / left);
      const y = (psnr) => margin.top + (height - margin.bottom - margin.top) * (top - psnr) / (top - bottom);
      chart.textContent = "";
      const svg = add(chart, "svg", { width, height, "aria-hidden": "true" });
      for (let ten = 1e-4; ten < right; ten *= 10)
        for (const step of width > 500 ? [1, 2, 5] : [1]) {
          const bpp = Number((ten * step).toPrecision(1));
          if (bpp < left || bpp > right) continue;
          add(svg, "path", { class: "kc-grid", d: `M${x(bpp)} ${margin.top}V${height - margin.bottom}` });
          add(svg, "text", { x: x(bpp), y: height - 24, "text-anchor": "middle" }, bpp);
        }
      for (let psnr = Math.ceil(bottom / 5) * 5; psnr <= top; psnr += 5) {
        add(svg, "path", { class: "kc-grid", d: `M${margin.left} ${y(psnr)}H${width - 8}` });
        add(svg, "text", { x: margin.left - 6, y: y(psnr) + 4, "text-anchor": "end" }, psnr);
      }
      add(svg, "text", { x: width - 8, y: height - 6, "text-anchor": "end" }, "bits per pixel");
      add(svg, "text", { x: margin.left + 6, y: margin.top + 12 }, "PSNR (dB)");
      const box = [margin.left, 0, width - margin.left - 8, height - margin.bottom];
      const inside = add(svg, "svg", { x: box[0], width: box[2], height: box[3], viewBox: box.join(" ") });
      const path = (list) => "M" + list.map(([bpp, psnr]) => `${x(bpp).toFixed(1)} ${y(psnr).toFixed(1)}`).join("L");
      add(inside, "path", { class: "kc-bound", d: path(bound) });
      lines = curves.map(({ color, dashes, quiet, points: list }) => {
        const line = add(inside, "g", { style: `color: ${color}` });
        const d = path(list.map(({ bpp, psnr }) => [bpp, psnr]));
        add(line, "path", { class: quiet ? "kc-quiet" : "", "stroke-dasharray": dashes, d });
        for (const { bpp, psnr } of list) add(line, "circle", { cx: x(bpp), cy: y(psnr), r: quiet ? 2 : 3 });
        return line;
      });
      ring = add(svg, "circle", { class: "kc-ring", r: 7, style: "display: none" });
      places = points.map(({ bpp, psnr }) => [x(bpp), y(psnr)]);
      if (current >= 0) choose(current);
    });

    const at = (event) => {
      const box = chart.getBoundingClientRect();
      choose(nearest(places, event.clientX - box.left, event.clientY - box.top));
    };
    chart.addEventListener("pointermove", at);
    chart.addEventListener("click", (event) => { at(event); keep(); });
    chart.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (step) choose((current + step + points.length) % points.length);
      else if (event.key === "Enter") keep();
      else return;
      event.preventDefault();
    });
    curves.forEach(({ label, color, dashes }, of) => {
      const name = add(key, "span", { class: dashes ? "kc-dashed" : "", style: `--line: ${color}` }, label);
      name.addEventListener("pointerenter", () => highlight(of));
      name.addEventListener("pointerleave", () => highlight(-1));
    });
    add(key, "span", { class: "kc-dotted", style: "--line: currentColor" }, "bound of a Gaussian source");
    if (pictures) drawPictures();
  }

  // One picture for each place of a slider.
  function slider(root, { frames, notes, name, first }) {
    const picture = add(root, "img", { alt: "" });
    const row = add(root, "label", { class: "kc-slider" }, name);
    const range = add(row, "input", { type: "range", min: 0, max: frames.length - 1, value: first });
    const said = add(root, "output", { class: "kc-said" });
    const show = () => {
      picture.src = frames[range.value];
      picture.alt = said.textContent = notes[range.value];
      range.setAttribute("aria-valuetext", notes[range.value]);
    };
    range.addEventListener("input", show);
    show();
  }

  // Maps of the same images side by side: the image under the pointer is marked on all of them.
  function maps(root, { panels, classes, colors, pictures, hint }) {
    const row = add(root, "div", { class: "kc-maps" }), thumb = add(root, "b");
    const said = add(root, "output", { class: "kc-said" }, hint);
    const show = sheet(pictures), drawn = [];

    function mark(index) {
      drawn.forEach(({ ring, places }) => {
        const [x, y] = places[index];
        ring.style.cssText = `display: block; left: ${x}px; top: ${y}px`;
      });
      thumb.textContent = "";
      show(thumb, index, 2.5, `a ${classes[index]}`);
      said.textContent = `test digit no. ${index}, a ${classes[index]}`;
    }

    for (const { title, points } of panels) {
      const figure = add(row, "figure");
      add(figure, "figcaption", {}, title);
      const box = add(figure, "div", { class: "kc-map" });
      const canvas = add(box, "canvas", { role: "img", "aria-label": title });
      const map = { ring: add(box, "i"), places: [] };
      drawn.push(map);
      onWidth(box, (width) => {
        const scale = window.devicePixelRatio || 1, pen = canvas.getContext("2d");
        canvas.width = canvas.height = width * scale;
        pen.scale(scale, scale);
        map.places = points.map(([x, y]) => [4 + (width - 8) * x / 1000, 4 + (width - 8) * (1 - y / 1000)]);
        map.places.forEach(([x, y], index) => {
          pen.fillStyle = colors[classes[index]];
          pen.fillRect(x - 1, y - 1, 2.2, 2.2);
        });
      });
      box.addEventListener("pointermove", (event) => {
        const { left, top } = box.getBoundingClientRect();
        mark(nearest(map.places, event.clientX - left, event.clientY - top));
        thumb.className = event.clientX - left > box.clientWidth / 2 ? "kc-left" : "kc-right";
        box.append(thumb);
      });
    }
    const key = add(root, "div", { class: "kc-key" });
    colors.forEach((color, label) => add(key, "span", { style: `--line: ${color}` }, label));
  }

  for (const root of document.querySelectorAll(".kc-figure:not([data-drawn])")) {
    root.dataset.drawn = "";
    const { kind, ...data } = JSON.parse(root.querySelector("script").textContent);
    ({ plane, slider, maps })[kind](root, data);
  }
})();
