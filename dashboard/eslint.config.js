import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", ".cache", "src/api/schema.d.ts", "public"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  hooks.configs.flat["recommended-latest"],
  a11y.flatConfigs.recommended,
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "max-lines": ["error", 600],
      complexity: ["error", 15],
      // A dialog or popover that opens moves the focus to where the work is.
      "jsx-a11y/no-autofocus": "off",
    },
  },
  {
    // Shared rooms know nothing of features, and features nothing of the application that joins them.
    files: ["src/{ui,lib,charts,api}/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@/features/*", "@/app/*"] }] },
  },
  {
    files: ["src/features/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["@/app/*"] }] },
  },
);
