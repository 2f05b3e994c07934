import { onCLS, onFCP, onINP, onLCP, onTTFB, type Metric } from "web-vitals";
import type { Plugin } from "./types.js";

/** `web_vital` with `name`, `value` (milliseconds; CLS without a unit) and `rating`, each once a page. */
export function vitals(): Plugin {
  return (client) => {
    const path = location.href;
    const tell = ({ name, value, rating, navigationType }: Metric): void =>
      client.track("web_vital", { __path: path, name, value: Math.round(value * 1e4) / 1e4, rating, navigationType });
    for (const each of [onCLS, onFCP, onINP, onLCP, onTTFB]) each(tell);
  };
}
