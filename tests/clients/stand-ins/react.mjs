// react and next/script, as far as a component of script tags goes: elements are HTML at once.
const attribute = ([name, value]) => (value === true ? ` ${name}` : ` ${name}="${String(value).replaceAll('"', '&quot;')}"`);

export const Fragment = Symbol('fragment');

export function createElement(type, props, ...children) {
  const { dangerouslySetInnerHTML, strategy: _, ...attributes } = props ?? {};
  if (type === Fragment) return children.join('');
  if (typeof type === 'function') return type(props ?? {});
  const inner = dangerouslySetInnerHTML?.__html ?? children.join('');
  return `<${type}${Object.entries(attributes).map(attribute).join('')}>${inner}</${type}>`;
}

const Script = (props) => createElement('script', props);
export default Object.assign(Script, { createElement, Fragment });
