import type { Plugin } from "./types.js";

/** `form_submit` with the form's id or name, its address and method; never what was entered. */
export function forms(): Plugin {
  return (client) => {
    addEventListener(
      "submit",
      ({ target }) => {
        const form = target as HTMLFormElement;
        const said = (name: string): string | undefined => form.getAttribute(name) || undefined;
        client.track("form_submit", { form: said("id") || said("name"), action: said("action"), method: form.method });
      },
      true,
    );
  };
}
