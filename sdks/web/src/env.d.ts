/** False in the lite script, which leaves out what is behind it. */
declare const FULL: boolean;
