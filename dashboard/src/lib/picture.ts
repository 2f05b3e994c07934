/** What is on the screen as a picture: boxes, texts and charts of an element become one SVG that stands alone. */

import { download } from "@/lib/csv";

const MARGIN = 16;
const SVG = "http://www.w3.org/2000/svg";
const PAINT = ["fill", "stroke"] as const;
const LOOK = ["stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "fill-opacity", "stroke-opacity", "text-anchor", "font-size", "font-weight", "font-family"] as const;

const mixed = new Map<string, string>();

/** Any colour that a browser knows as one that every program knows. */
function plain(color: string): string {
  const found = mixed.get(color);
  if (found) return found;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return color;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 255] = context.getImageData(0, 0, 1, 1).data;
  const out = `rgba(${red},${green},${blue},${(alpha / 255).toFixed(3)})`;
  mixed.set(color, out);
  return out;
}

function make(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function hidden(element: Element, style: CSSStyleDeclaration): boolean {
  const { width, height } = element.getBoundingClientRect();
  return element.hasAttribute("data-plain") || element.matches("[popover], .sr-only") || style.display === "none" || style.visibility === "hidden" || width < 1.5 || height < 0.5;
}

/** A chart's SVG with its looks written out, as styles do not travel with it. */
function chart(element: SVGSVGElement, left: number, top: number): SVGElement {
  const copy = element.cloneNode(true) as SVGSVGElement;
  const here = element.getBoundingClientRect();
  const [from, to] = [element.querySelectorAll("*"), copy.querySelectorAll("*")];
  from.forEach((each, index) => {
    const style = getComputedStyle(each);
    const target = to[index];
    if (!target) return;
    for (const key of PAINT) {
      const value = style.getPropertyValue(key);
      if (value && !value.startsWith("url")) target.setAttribute(key, value === "none" ? value : plain(value));
    }
    for (const key of LOOK) target.setAttribute(key, style.getPropertyValue(key));
    const stop = style.getPropertyValue("stop-color");
    if (each.tagName === "stop") target.setAttribute("stop-color", plain(stop));
    target.removeAttribute("class");
    target.removeAttribute("style");
  });
  for (const [key, value] of Object.entries({ x: here.left - left, y: here.top - top, width: here.width, height: here.height })) copy.setAttribute(key, String(value));
  copy.setAttribute("color", plain(getComputedStyle(element).color));
  const style = getComputedStyle(element);
  for (const key of PAINT) copy.setAttribute(key, style.getPropertyValue(key) === "none" ? "none" : plain(style.getPropertyValue(key)));
  copy.setAttribute("stroke-width", style.getPropertyValue("stroke-width"));
  copy.removeAttribute("class");
  return copy;
}

/** The lines of a text as they are broken on the screen. */
function lines(node: Text): { text: string; box: DOMRect }[] {
  const range = document.createRange();
  const found: { text: string; box: DOMRect }[] = [];
  for (const word of node.data.matchAll(/\S+\s*/g)) {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].trimEnd().length);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    const last = found.at(-1);
    if (last && Math.abs(last.box.top - box.top) < 2) {
      last.text += word[0];
      last.box = new DOMRect(last.box.x, last.box.y, box.right - last.box.x, last.box.height);
    } else found.push({ text: word[0], box });
  }
  return found;
}

function words(node: Text, style: CSSStyleDeclaration, left: number, top: number, out: SVGElement): void {
  const around = node.parentElement?.getBoundingClientRect();
  for (const { text, box } of lines(node)) {
    const drawn = make("text", {
      x: 0, y: box.height * 0.76, fill: plain(style.color), "font-size": style.fontSize, "font-weight": style.fontWeight, "font-family": style.fontFamily, "font-style": style.fontStyle, textLength: box.width.toFixed(1), lengthAdjust: "spacingAndGlyphs", // another font is as wide
    });
    drawn.textContent = text.trimEnd();
    // What does not fit is cut off, as on the screen.
    const width = style.overflow === "hidden" && around ? Math.min(box.width, around.right - box.left) : box.width;
    const frame = make("svg", { x: box.left - left, y: box.top - top, width: Math.max(0, width) + 1, height: box.height + 2 });
    frame.append(drawn);
    out.append(frame);
  }
}

function draw(element: Element, left: number, top: number, out: SVGElement): void {
  const style = getComputedStyle(element);
  if (hidden(element, style)) return;
  if (element instanceof SVGSVGElement) {
    out.append(chart(element, left, top));
    return;
  }
  const group = make("g", { opacity: style.opacity });
  out.append(group);
  const box = element.getBoundingClientRect();
  const fill = plain(style.backgroundColor);
  const line = parseFloat(style.borderBottomWidth);
  if (!fill.endsWith(",0.000)")) group.append(make("rect", { x: box.left - left, y: box.top - top, width: box.width, height: box.height, rx: Math.min(parseFloat(style.borderTopLeftRadius) || 0, box.height / 2), fill }));
  if (line > 0 && parseFloat(style.borderTopWidth) === 0) group.append(make("rect", { x: box.left - left, y: box.bottom - top - line, width: box.width, height: line, fill: plain(style.borderBottomColor) }));
  for (const child of element.childNodes) {
    if (child instanceof Text) words(child, style, left, top, group);
    else if (child instanceof Element) draw(child, left, top, group);
  }
}

/** The element as the text of an SVG, on the colour behind it. */
export function pictureOf(element: HTMLElement): { text: string; width: number; height: number } {
  const box = element.getBoundingClientRect();
  const [width, height] = [Math.ceil(box.width) + 2 * MARGIN, Math.ceil(box.height) + 2 * MARGIN];
  const out = make("svg", { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` });
  out.append(make("rect", { width, height, fill: plain(getComputedStyle(document.documentElement).backgroundColor) }));
  draw(element, box.left - MARGIN, box.top - MARGIN, out);
  return { text: new XMLSerializer().serializeToString(out), width, height };
}

/** Hands the element to the browser's downloads as `name`.svg or `name`.png, the latter at twice its size. */
export async function downloadPicture(element: HTMLElement, name: string, kind: "svg" | "png"): Promise<void> {
  const { text, width, height } = pictureOf(element);
  const svg = new Blob([text], { type: "image/svg+xml" });
  if (kind === "svg") {
    download(`${name}.svg`, svg);
    return;
  }
  const image = new Image(width, height);
  const url = URL.createObjectURL(svg);
  image.src = url;
  await image.decode();
  URL.revokeObjectURL(url);
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const png = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, "image/png"); });
  if (png) download(`${name}.png`, png);
}
