// What Astro's compiler calls: enough for components without slots, islands or styles.
const escaped = (value) => String(value).replaceAll('&', '&amp;').replaceAll('"', '&#34;');

export const Fragment = Symbol('fragment');
export const unescapeHTML = (value) => value;
export const addAttribute = (value, name) => (value == null || value === false ? '' : ` ${name}="${escaped(value)}"`);
export const render = (texts, ...values) => texts.reduce((html, text, at) => html + (values[at - 1] ?? '') + text);
export const createAstro = () => ({ self: null });
export const createComponent = (component) => (props) => component({ createAstro: () => ({ props }) }, props, {});
export const createMetadata = () => ({});
// Imported by every compiled component, called by none of these.
export const defineScriptVars = null;
export const defineStyleVars = null;
export const maybeRenderHead = null;
export const mergeSlots = null;
export const renderComponent = null;
export const renderHead = null;
export const renderScript = null;
export const renderSlot = null;
export const renderTransition = null;
export const createTransitionScope = null;
export const spreadAttributes = null;
