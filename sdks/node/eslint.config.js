import { createRequire } from "node:module";

const tools = createRequire(new URL("../../dashboard/package.json", import.meta.url));
const js = tools("@eslint/js");
const tseslint = tools("typescript-eslint");

export default tseslint.config(
  { ignores: ["dist", "node_modules", "build.mjs", "eslint.config.js"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", 600],
      "max-lines-per-function": ["error", 60],
      complexity: ["error", 15],
      // A number in a text is what it looks like.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // The name of a header or of the environment is no property of ours.
      "@typescript-eslint/dot-notation": "off",
      // What a timer or a hook is given may give something back.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
);
