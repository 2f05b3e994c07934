// @nuxt/kit and #app, as far as a module with one plugin goes.
export const defineNuxtModule = (module) => module;
export const createResolver = () => ({ resolve: (path) => path });
export const addPlugin = () => {};
export const addImports = () => {};
export const addServerHandler = () => {};

export const defineNuxtPlugin = (plugin) => plugin;
export const useRuntimeConfig = () => ({ public: window.nuxtConfig });
export const useNuxtApp = () => window.nuxtApp;
