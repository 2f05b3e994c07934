import { useLayoutEffect, useRef, useState, type RefObject } from "react";

/** The width of an element in pixels, kept up to date; 0 before it is laid out. */
export function useWidth<T extends HTMLElement>(): [RefObject<T | null>, number] {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const watched = element.current;
    if (!watched) return;
    setWidth(watched.clientWidth);
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(watched);
    return () => { observer.disconnect(); };
  }, []);
  return [element, width];
}
