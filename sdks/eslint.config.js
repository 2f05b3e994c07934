// The dashboard's linter and its rules: what is installed for it is used here too.
import { createRequire } from "node:module";

const tools = createRequire(new URL("../dashboard/package.json", import.meta.url));
const js = tools("@eslint/js");
const tseslint = tools("typescript-eslint");
const hooks = tools("eslint-plugin-react-hooks");

export default tseslint.config(
  { ignores: ["**/dist", "**/node_modules", ".cache", "node", "python", "build.mjs", "eslint.config.js"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  hooks.configs.flat["recommended-latest"],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", 600],
      complexity: ["error", 15],
      // A number in a text is what it looks like.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // The compiler wants brackets where a name is not declared.
      "@typescript-eslint/dot-notation": "off",
      // What a timer or a hook is given may give something back.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
);
