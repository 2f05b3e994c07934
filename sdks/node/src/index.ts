/** Event Lens for servers in Node. */
export { EventLens } from "./client.js";
export type { About, Body, Identifier, Options, Person, Problem, Properties, Stats, Time } from "./types.js";
export { version } from "./version.js";
export { currentVisitor, type Visitor } from "./visitors.js";
